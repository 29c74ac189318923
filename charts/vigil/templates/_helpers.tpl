{{- define "vigil.name" -}}
{{- .Release.Name | trunc 52 | trimSuffix "-" -}}
{{- end }}

{{- define "vigil.serviceAccount" -}}
{{- .Values.serviceAccount.name | default (include "vigil.name" .) -}}
{{- end }}

{{- define "vigil.labels" -}}
app.kubernetes.io/name: vigil
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/part-of: vigil
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end }}

{{- define "vigil.selector" -}}
app.kubernetes.io/name: vigil
app.kubernetes.io/component: operator
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "vigil.image" -}}
{{- if .Values.image.digest -}}
{{ .Values.image.repository }}@{{ .Values.image.digest }}
{{- else -}}
{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}
{{- end }}
{{- end }}

{{- /* The rights over what is watched, in a ClusterRole or in the Role of one namespace. */ -}}
{{- define "vigil.rules" -}}
{{- $cluster := not .Values.watch.namespace -}}
- apiGroups: [""]
  resources: {{ ternary (list "pods" "namespaces") (list "pods") $cluster | toJson }}
  verbs: [list, watch]
# The pull secrets that a pod's service account names; the secrets themselves are another right.
- apiGroups: [""]
  resources: [serviceaccounts]
  verbs: [get]
# Trust anchors that policies refer to by name; each is watched by its name.
- apiGroups: [""]
  resources: [configmaps]
  verbs: [get, watch]
- apiGroups: [vigil.dev]
  resources: {{ ternary (list "trustpolicies" "clustertrustpolicies") (list "trustpolicies") $cluster | toJson }}
  verbs: [list, watch]
# One for every image that runs.
- apiGroups: [vigil.dev]
  resources: [imageverifications]
  verbs: [list, watch, create, delete]
- apiGroups: [vigil.dev]
  {{- if $cluster }}
  resources: [trustpolicies/status, clustertrustpolicies/status, imageverifications/status]
  {{- else }}
  resources: [trustpolicies/status, imageverifications/status]
  {{- end }}
  verbs: [patch]
- apiGroups: [events.k8s.io]
  resources: [events]
  verbs: [create, patch]
{{- end }}

{{- /* The configuration file: the values of the chart, and above them what .Values.config says. */ -}}
{{- define "vigil.config" -}}
{{- $registry := dict -}}
{{- with .Values.registry.plainHTTP }}{{ $_ := set $registry "plainHTTP" . }}{{ end -}}
{{- if .Values.registry.caConfigMap }}{{ $_ := set $registry "caFile" "/etc/vigil/registry-ca/ca.crt" }}{{ end -}}
{{- if .Values.registry.credentialsSecret -}}
{{- $_ := set $registry "credentialsFile" "/etc/vigil/registry-credentials/config.json" -}}
{{- end -}}
{{- $endpoints := dict -}}
{{- if .Values.endpoints.requireToken }}{{ $_ := set $endpoints "requireToken" true }}{{ end -}}
{{- if .Values.endpoints.tlsSecret -}}
{{- $_ := set $endpoints "tlsCertificateFile" "/etc/vigil/tls/tls.crt" -}}
{{- $_ := set $endpoints "tlsKeyFile" "/etc/vigil/tls/tls.key" -}}
{{- end -}}
{{- /* The names of kube-notary's levels that Vigil calls otherwise, or does not have. */ -}}
{{- $familiar := dict "warn" "warning" "fatal" "error" "panic" "error" -}}
{{- $level := get $familiar .Values.log.level | default .Values.log.level -}}
{{- $log := dict "level" $level "format" .Values.log.format -}}
{{- $config := dict "log" $log "evidenceAge" .Values.evidenceAge "workers" (int .Values.workers) -}}
{{- if $registry }}{{ $_ := set $config "registry" $registry }}{{ end -}}
{{- if $endpoints }}{{ $_ := set $config "endpoints" $endpoints }}{{ end -}}
{{- if .Values.policyReports }}{{ $_ := set $config "reports" (dict "policyReports" true) }}{{ end -}}
{{- toYaml (mergeOverwrite $config (deepCopy (.Values.config | default dict))) -}}
{{- end }}
