#!/bin/bash
if pgrep -x nginx; then
    exit 0
elif sleep 1; then
    exit 1
fi
