#!/bin/bash
if [ $(pgrep -c nginx) -gt 0 ]
then
    exit 0
else
    systemctl stop keepalived
fi
