#!/usr/bin/env bash
# Fails while an object of the operator's kinds has something left to do at JumpCloud, or an
# open job. Such an object has a finalizer that only the operator removes: without the
# operator, neither the object nor its CRD could be deleted.
set -euo pipefail
kubectl=${KUBECTL:-kubectl}
kinds=$($kubectl api-resources --api-group=jumpcloud-operator.io --namespaced=true --verbs=list --output=name | sort | paste -sd, -)
[ -n "$kinds" ] || exit 0
held=$($kubectl get "$kinds" --all-namespaces --output=go-template='{{range .items}}{{if .metadata.finalizers}}{{.kind}} {{.metadata.namespace}}/{{.metadata.name}}{{"\n"}}{{end}}{{end}}')
[ -n "$held" ] || exit 0
cat >&2 <<TEXT
Not removed: these objects still have work to do in JumpCloud, or a job open.

$held

Delete them while the operator runs, and wait until they are gone:

  $kubectl delete KIND NAME --namespace NAMESPACE

The condition Ready of one that does not go says what it waits for. To finish
deleting it and leave its counterpart in JumpCloud as it is:

  $kubectl annotate KIND NAME --namespace NAMESPACE jumpcloud-operator.io/abandon=true
TEXT
exit 1
