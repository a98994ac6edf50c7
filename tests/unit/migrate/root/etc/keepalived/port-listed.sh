#!/bin/bash
LISTEN=$(ss -ltn | grep ':80 ' | wc -l)
[ $LISTEN -gt 0 ] && exit 0 || exit 1
