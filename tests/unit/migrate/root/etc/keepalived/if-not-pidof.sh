#!/bin/bash
if ! pidof nginx > /dev/null; then
    echo "nginx is dead" >> /var/log/check.log
    exit 1
fi
