#!/bin/bash
# ¼ì²énginx
pidof nginx
