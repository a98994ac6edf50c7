#!/bin/sh
curl -sf http://localhost:8088/ -o /dev/null || exit 1
