#!/bin/sh
mysql -e "select 1" || exit 1
