# Sourced by the scripts beside it: where CI keeps what it made, and the Debian mirror of this machine.

ci_state=${CI_STATE:-/var/tmp/vip-sidecar-ci}
ci_suite=trixie
ci_tree=$ci_state/$ci_suite
ci_peers=$ci_state/peers
ci_base_image=debian:trixie-slim
ci_keyring=/usr/share/keyrings/debian-archive-keyring.gpg

say() { printf '\n== %s\n' "$*" >&2; }

# Address of the mirror from which this machine takes its own release.
debian_mirror() {
    apt-get indextargets --format '$(REPO_URI) $(RELEASE)' 'Identifier: Packages' |
        awk -v own="$(. /etc/os-release && echo "$VERSION_CODENAME")" '
            $2 == own || $2 == "stable" { print $1; found = 1; exit }
            END { exit !found }'
}
