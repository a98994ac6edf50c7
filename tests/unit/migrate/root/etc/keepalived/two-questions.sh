#!/bin/sh
pidof nginx || exit 1
curl -f http://127.0.0.1/ || exit 1
