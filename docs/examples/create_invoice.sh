#!/bin/sh
# Ask Ledgerbridge for an invoice over Kafka: create_invoice.sh localhost:9092 ledgerbridge. 24000001 9001
set -eu
printf '%s:%s|{"hubspot_account": "%s", "deal_id": "%s", "idempotency_key": "order-%s"}' "$3" "$4" "$3" "$4" "$4" |
  kcat -P -b "$1" -t "$2invoice-commands" -K '|' -H content-type=application/json -H ce_specversion=1.0 \
    -H ce_id="$(cat /proc/sys/kernel/random/uuid)" -H ce_source=my-shop -H ce_type=ledgerbridge.invoice.create.v1
