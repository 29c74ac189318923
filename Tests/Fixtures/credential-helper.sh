#!/bin/sh
# Does what the script beside the name says by which it was called.
. "$0.sh"
