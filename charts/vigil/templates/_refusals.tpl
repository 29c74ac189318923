{{- /*
Settings that a release makes itself, because rights, probes or mounts have to fit them. Under config, as an argument or
as a variable they would change the operator alone. Each with its flag, its variable, and what to do instead.
*/ -}}
{{- define "vigil.refusals" -}}
{{- $tls := "set endpoints.tlsSecret: the Secret is mounted, and the probes speak TLS" -}}
{{- $account := "leave it out: the rights of the release are those of its service account (serviceAccount.name)" -}}
{{- $owned := list
  (list "watch.namespace" "namespace" "VIGIL_NAMESPACE" "set watch.namespace: the Roles are made for it")
  (list "reports.policyReports" "policy-reports" "VIGIL_POLICY_REPORTS"
    "set policyReports: the right to write reports comes with it")
  (list "endpoints.requireToken" "require-token" "VIGIL_REQUIRE_TOKEN"
    "set endpoints.requireToken: the right to ask about tokens comes with it")
  (list "endpoints.tlsCertificateFile" "tls-cert-file" "VIGIL_TLS_CERT_FILE" $tls)
  (list "endpoints.tlsKeyFile" "tls-private-key-file" "VIGIL_TLS_PRIVATE_KEY_FILE" $tls)
  (list "health.address" "health-address" "VIGIL_HEALTH_ADDRESS"
    "the Service and the probes ask port 9581 of the pod: config.health.address may be 0.0.0.0:9581 or [::]:9581")
  (list "leaderElection.enabled" "leader-election" "VIGIL_LEADER_ELECTION"
    "set replicas to 1 for a single one: without an election two would work at the same time during an upgrade")
  (list "leaderElection.leaseName" "lease-name" "VIGIL_LEASE_NAME"
    "name the release: the Lease is called as the release is, and its Role permits no other")
  (list "leaderElection.leaseNamespace" "lease-namespace" "VIGIL_LEASE_NAMESPACE"
    "install the release into that namespace (--namespace): the Lease is where the release is, and so is its Role")
  (list "leaderElection.identity" "identity" "VIGIL_IDENTITY"
    "leave it out: every replica would have the same one, and all of them would lead")
  (list "kubernetes.kubeconfig" "kubeconfig" "VIGIL_KUBECONFIG" $account)
  (list "kubernetes.context" "context" "VIGIL_CONTEXT" $account)
-}}
{{- range $setting := $owned -}}
{{- $key := index $setting 0 -}}
{{- $instead := index $setting 3 -}}
{{- $part := splitList "." $key -}}
{{- $group := get ($.Values.config | default dict) (first $part) | default dict -}}
{{- if hasKey $group (last $part) -}}
{{- $value := get $group (last $part) -}}
{{- /* An administrator may have granted what a release for one namespace cannot make (docs/endpoints.md). */ -}}
{{- $permitted := and (eq $key "endpoints.requireToken") (not (empty $.Values.watch.namespace)) -}}
{{- if eq $key "health.address" }}{{ $permitted = has $value (list "0.0.0.0:9581" "[::]:9581") }}{{ end -}}
{{- if eq $key "leaderElection.enabled" }}{{ $permitted = $value }}{{ end -}}
{{- if not $permitted }}{{ fail (printf "config.%s is refused; %s" $key $instead) }}{{ end -}}
{{- end -}}
{{- range $.Values.extraArgs -}}
{{- if regexMatch (printf "^--(no-)?%s(=|$)" (index $setting 1)) . -}}
{{- fail (printf "%s is refused in extraArgs; %s" . $instead) -}}
{{- end -}}
{{- end -}}
{{- range $.Values.extraEnv -}}
{{- if eq .name (index $setting 2) }}{{ fail (printf "%s is refused in extraEnv; %s" .name $instead) }}{{ end -}}
{{- end -}}
{{- end -}}
{{- $registry := get (.Values.config | default dict) "registry" | default dict -}}
{{- /* What is set here counts, and the file of the value would be mounted for nothing. */ -}}
{{- range $name, $value := dict "caFile" "caConfigMap" "credentialsFile" "credentialsSecret" -}}
{{- if and (get $registry $name) (get $.Values.registry $value) -}}
{{- fail (printf "config.registry.%s is refused beside registry.%s, which mounts another file" $name $value) -}}
{{- end -}}
{{- end -}}
{{- include "vigil.checkInterval" . -}}
{{- end }}

{{- /* The interval must be one that a policy with all the defaults of the definitions can have. */ -}}
{{- define "vigil.checkInterval" -}}
{{- $interval := .Values.watch.interval -}}
{{- $definition := .Files.Get "files/crd/vigil.dev_trustpolicies.yaml" | fromYaml -}}
{{- $version := first $definition.spec.versions -}}
{{- $properties := $version.schema.openAPIV3Schema.properties.spec.properties -}}
{{- $longest := $properties.maxStaleness.default -}}
{{- $seconds := include "vigil.seconds" $interval | float64 -}}
{{- if or (lt $seconds 1.0) (gt $seconds (include "vigil.seconds" $longest | float64)) -}}
{{- $bounds := printf "write 1s to %s, which is the default of maxStaleness" $longest -}}
{{- fail (printf "watch.interval %s is refused, as it would be in every policy without one; %s" $interval $bounds) -}}
{{- end -}}
{{- if and (not .Values.crd.enabled) (ne $interval $properties.interval.default) -}}
{{- $instead := "the definitions, whose default it is, are not of this release: set spec.interval in policies" -}}
{{- fail (printf "watch.interval %s is refused with crd.enabled=false; %s" $interval $instead) -}}
{{- end -}}
{{- end }}

{{- /* The seconds of a duration such as 1h30m, with their fraction. */ -}}
{{- define "vigil.seconds" -}}
{{- $units := dict "h" 3600.0 "m" 60.0 "s" 1.0 "ms" 0.001 "us" 0.000001 "ns" 0.000000001 -}}
{{- $sum := 0.0 -}}
{{- range regexFindAll "[0-9.]+[a-z]+" . -1 -}}
{{- $unit := regexFind "[a-z]+" . -}}
{{- $sum = addf $sum (mulf (trimSuffix $unit . | float64) (get $units $unit)) -}}
{{- end -}}
{{- $sum -}}
{{- end }}

{{- /* Whether tokens are asked for, by the value of the chart or by the setting. */ -}}
{{- define "vigil.requiresToken" -}}
{{- $endpoints := get (.Values.config | default dict) "endpoints" | default dict -}}
{{- if or .Values.endpoints.requireToken $endpoints.requireToken }}true{{ end -}}
{{- end }}
