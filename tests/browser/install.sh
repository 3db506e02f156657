#!/bin/sh
# Installs the browsers that the tests in this folder drive, where apt-get is there and may be used; elsewhere says what
# is missing. Quick when everything is there. Never fails for want of a browser: the tests of an absent engine are
# skipped and counted.
set -eu

# What each engine needs, and the fonts without which other scripts are boxes in the screenshots.
packages='chromium firefox-esr webkit2gtk-driver xvfb xauth fonts-noto-core fonts-noto-cjk fonts-noto-color-emoji'

has() { command -v "$1" >/dev/null 2>&1; }

# Engines whose programs are not on the path, one a line.
missing_engines() {
    has chromium || has chromium-browser || has google-chrome || echo chromium
    has firefox-esr || has firefox || echo firefox
    { has WebKitWebDriver && has Xvfb; } || echo webkit
}

if has apt-get && has dpkg-query; then
    wanted=
    for package in $packages; do
        case "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null || true)" in
            installed) ;;
            *) wanted="$wanted $package" ;;
        esac
    done
    if [ -n "$wanted" ]; then
        root=
        [ "$(id -u)" -eq 0 ] || root='sudo -n'
        if [ -z "$root" ] || $root true 2>/dev/null; then
            echo "installing$wanted"
            $root apt-get update -qq || echo 'apt-get update failed; trying with the lists that are here' >&2
            # One package that a distribution lacks must not keep the others away.
            # shellcheck disable=SC2086 # The list is meant to be split.
            $root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $wanted ||
                for package in $wanted; do
                    $root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$package" || true
                done
        else
            echo "not installed, and neither root nor sudo is at hand:$wanted" >&2
        fi
    fi
fi

engines=$(missing_engines)
if [ -n "$engines" ]; then
    for engine in $engines; do echo "$engine is not installed: its tests will be skipped" >&2; done
else
    echo 'chromium, firefox and webkit are installed'
fi
