#!/bin/sh
if pidof nginx; then
    exit 1
fi
exit 0
