#!/bin/sh
killall -0 nginx
if [ $? -ne 0 ]; then
  service nginx restart
  sleep 1
  killall -0 nginx
  if [ $? -ne 0 ]; then
    exit 1
  fi
fi
exit 0
