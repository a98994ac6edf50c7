#!/bin/bash
code=$(curl -s -o /dev/null -m 3 -w "%{http_code}" http://127.0.0.1/status)
if [ "$code" -ne 200 ]; then
  logger "nginx says $code"
  exit 1
else
  exit 0
fi
