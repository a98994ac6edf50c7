#!/bin/bash
# counts nginx
if [ `ps -C nginx --no-header |wc -l` -eq 0 ];then
    systemctl start nginx
    sleep 2
    if [ `ps -C nginx --no-header |wc -l` -eq 0 ];then
        killall keepalived
    fi
fi
