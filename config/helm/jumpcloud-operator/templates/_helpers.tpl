{{- /* The objects of a file, as YAML documents, in the namespace of the release. */ -}}
{{- define "jumpcloud-operator.file" -}}
{{ .root.Files.Get (printf "files/%s.yaml" .file)
  | replace "jumpcloud-operator-system" .root.Release.Namespace
  | replace "app.kubernetes.io/managed-by: kustomize" "app.kubernetes.io/managed-by: Helm" }}
{{- end }}

{{- define "jumpcloud-operator.image" -}}
{{- $image := .root.Values.image -}}
{{- $repository := default (.image | splitList ":" | first) $image.repository -}}
{{- if $image.digest -}}
{{ $repository }}@{{ $image.digest }}
{{- else -}}
{{ $repository }}:{{ default (.image | splitList ":" | last) $image.tag }}
{{- end -}}
{{- end }}

{{- /* Applies the values to an object; prints nothing. */ -}}
{{- define "jumpcloud-operator.apply" -}}
{{- $labels := dict "helm.sh/chart" (printf "%s-%s" .root.Chart.Name .root.Chart.Version) -}}
{{- $_ := set .object.metadata "labels" (merge $labels (default dict .object.metadata.labels) .root.Values.commonLabels) -}}
{{- if and (eq .object.kind "ServiceAccount") .root.Values.serviceAccount.annotations (eq .object.metadata.name "jumpcloud-operator-controller-manager") -}}
{{- $_ := set .object.metadata "annotations" .root.Values.serviceAccount.annotations -}}
{{- end -}}
{{- if eq .object.kind "Deployment" -}}
{{- include "jumpcloud-operator.deployment" . -}}
{{- end -}}
{{- end }}

{{- define "jumpcloud-operator.deployment" -}}
{{- $values := .root.Values -}}
{{- $template := .object.spec.template -}}
{{- if not (kindIs "invalid" $values.replicas) -}}
{{- $_ := set .object.spec "replicas" $values.replicas -}}
{{- end -}}
{{- $_ := set $template.metadata "labels" (merge (dict) $template.metadata.labels $values.podLabels) -}}
{{- $_ := set $template.metadata "annotations" (merge (dict) $template.metadata.annotations $values.podAnnotations) -}}
{{- range $key := list "imagePullSecrets" "priorityClassName" "nodeSelector" "tolerations" "affinity" "topologySpreadConstraints" -}}
{{- with get $values $key -}}
{{- $_ := set $template.spec $key . -}}
{{- end -}}
{{- end -}}
{{- with $values.extraVolumes -}}
{{- $_ := set $template.spec "volumes" (concat (default list $template.spec.volumes) .) -}}
{{- end -}}
{{- include "jumpcloud-operator.container" (dict "root" .root "container" (first $template.spec.containers)) -}}
{{- end }}

{{- define "jumpcloud-operator.container" -}}
{{- $values := .root.Values -}}
{{- $container := .container -}}
{{- $_ := set $container "image" (include "jumpcloud-operator.image" (dict "root" .root "image" $container.image)) -}}
{{- with $values.image.pullPolicy -}}
{{- $_ := set $container "imagePullPolicy" . -}}
{{- end -}}
{{- with $values.resources -}}
{{- $_ := set $container "resources" . -}}
{{- end -}}
{{- range $key, $extra := dict "args" $values.extraArgs "env" $values.extraEnv "volumeMounts" $values.extraVolumeMounts -}}
{{- with $extra -}}
{{- $_ := set $container $key (concat (default list (get $container $key)) .) -}}
{{- end -}}
{{- end -}}
{{- $args := list -}}
{{- range $container.args -}}
{{- $args = append $args (hasPrefix "--watch-namespaces=" . | ternary (printf "--watch-namespaces=%s" (join "," $values.watchNamespaces)) .) -}}
{{- end -}}
{{- $_ := set $container "args" $args -}}
{{- end }}
