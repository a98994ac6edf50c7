#!/bin/sh
# Runs the filter for as long as the engine's socket that it sees is the one that the host has.
#
# A mount keeps the socket that was there when the container was started. An engine that is started anew makes another
# one, and the old one has a link count of 0 from then on. Ending is the mend: the restart policy mounts the new one.
set -u
engine=/var/run/docker.sock
nginx=/etc/nginx/nginx.conf
# A socket that a killed filter left behind would stop this one.
rm -f /run/docker-proxy/docker.sock
nginx -c "$nginx" -g 'daemon off;' &
filter=$!
trap 'kill -TERM "$filter"; wait "$filter"; exit 0' TERM INT
while kill -0 "$filter" 2>/dev/null; do
    if [ "$(stat -c %h "$engine" 2>/dev/null)" = 0 ]; then
        echo "the engine was started anew, and its socket is not visible here: ending, to be started again with it"
        kill -TERM "$filter"
        wait "$filter"
        exit 1
    fi
    sleep 1 &
    wait $!
done
wait "$filter"
