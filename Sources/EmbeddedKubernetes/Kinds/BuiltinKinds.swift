/// The kinds a Kubernetes API server has without any CustomResourceDefinition, as 1.36 lists them.
enum BuiltinKinds {
    /// One line a resource under its group and version: plural, singular, kind, scope (N or C), verbs (`*`: all),
    /// short names, categories, then each subresource as `name:kind[:group/version[:verbs]]`.
    private static let table = """
        v1
          bindings binding Binding N create - -
          componentstatuses componentstatus ComponentStatus C get,list cs -
          configmaps configmap ConfigMap N * cm -
          endpoints endpoints Endpoints N * ep -
          events event Event N * ev -
          limitranges limitrange LimitRange N * limits -
          namespaces namespace Namespace C create,delete,get,list,patch,update,watch ns - \
            finalize:Namespace::update status:Namespace
          nodes node Node C * no - proxy:NodeProxyOptions::create+delete+get+patch+update status:Node
          persistentvolumeclaims persistentvolumeclaim PersistentVolumeClaim N * pvc - status:PersistentVolumeClaim
          persistentvolumes persistentvolume PersistentVolume C * pv - status:PersistentVolume
          pods pod Pod N * po all attach:PodAttachOptions::create+get binding:Binding::create \
            ephemeralcontainers:Pod eviction:Eviction:policy/v1:create exec:PodExecOptions::create+get log:Pod::get \
            portforward:PodPortForwardOptions::create+get proxy:PodProxyOptions::create+delete+get+patch+update \
            resize:Pod status:Pod
          podtemplates podtemplate PodTemplate N * - -
          replicationcontrollers replicationcontroller ReplicationController N * rc all \
            scale:Scale:autoscaling/v1 status:ReplicationController
          resourcequotas resourcequota ResourceQuota N * quota - status:ResourceQuota
          secrets secret Secret N * - -
          serviceaccounts serviceaccount ServiceAccount N * sa - token:TokenRequest:authentication.k8s.io/v1:create
          services service Service N * svc all proxy:ServiceProxyOptions::create+delete+get+patch+update status:Service
        apiregistration.k8s.io/v1
          apiservices apiservice APIService C * - api-extensions status:APIService
        apps/v1
          controllerrevisions controllerrevision ControllerRevision N * - -
          daemonsets daemonset DaemonSet N * ds all status:DaemonSet
          deployments deployment Deployment N * deploy all scale:Scale:autoscaling/v1 status:Deployment
          replicasets replicaset ReplicaSet N * rs all scale:Scale:autoscaling/v1 status:ReplicaSet
          statefulsets statefulset StatefulSet N * sts all scale:Scale:autoscaling/v1 status:StatefulSet
        events.k8s.io/v1
          events event Event N * ev -
        authentication.k8s.io/v1
          selfsubjectreviews selfsubjectreview SelfSubjectReview C create - -
          tokenreviews tokenreview TokenReview C create - -
        authorization.k8s.io/v1
          localsubjectaccessreviews localsubjectaccessreview LocalSubjectAccessReview N create - -
          selfsubjectaccessreviews selfsubjectaccessreview SelfSubjectAccessReview C create - -
          selfsubjectrulesreviews selfsubjectrulesreview SelfSubjectRulesReview C create - -
          subjectaccessreviews subjectaccessreview SubjectAccessReview C create - -
        autoscaling/v2
          horizontalpodautoscalers horizontalpodautoscaler HorizontalPodAutoscaler N * hpa all \
            status:HorizontalPodAutoscaler
        autoscaling/v1
          horizontalpodautoscalers horizontalpodautoscaler HorizontalPodAutoscaler N * hpa all \
            status:HorizontalPodAutoscaler
        batch/v1
          cronjobs cronjob CronJob N * cj all status:CronJob
          jobs job Job N * - all status:Job
        certificates.k8s.io/v1
          certificatesigningrequests certificatesigningrequest CertificateSigningRequest C * csr - \
            approval:CertificateSigningRequest status:CertificateSigningRequest
        networking.k8s.io/v1
          ingressclasses ingressclass IngressClass C * - -
          ingresses ingress Ingress N * ing - status:Ingress
          ipaddresses ipaddress IPAddress C * ip -
          networkpolicies networkpolicy NetworkPolicy N * netpol -
          servicecidrs servicecidr ServiceCIDR C * - - status:ServiceCIDR
        policy/v1
          poddisruptionbudgets poddisruptionbudget PodDisruptionBudget N * pdb - status:PodDisruptionBudget
        rbac.authorization.k8s.io/v1
          clusterrolebindings clusterrolebinding ClusterRoleBinding C * - -
          clusterroles clusterrole ClusterRole C * - -
          rolebindings rolebinding RoleBinding N * - -
          roles role Role N * - -
        storage.k8s.io/v1
          csidrivers csidriver CSIDriver C * - -
          csinodes csinode CSINode C * - -
          csistoragecapacities csistoragecapacity CSIStorageCapacity N * - -
          storageclasses storageclass StorageClass C * sc -
          volumeattachments volumeattachment VolumeAttachment C * - - status:VolumeAttachment
          volumeattributesclasses volumeattributesclass VolumeAttributesClass C * vac -
        admissionregistration.k8s.io/v1
          mutatingadmissionpolicies mutatingadmissionpolicy MutatingAdmissionPolicy C * - api-extensions
          mutatingadmissionpolicybindings mutatingadmissionpolicybinding MutatingAdmissionPolicyBinding C * - \
            api-extensions
          mutatingwebhookconfigurations mutatingwebhookconfiguration MutatingWebhookConfiguration C * - api-extensions
          validatingadmissionpolicies validatingadmissionpolicy ValidatingAdmissionPolicy C * - api-extensions \
            status:ValidatingAdmissionPolicy
          validatingadmissionpolicybindings validatingadmissionpolicybinding ValidatingAdmissionPolicyBinding C \
            * - api-extensions
          validatingwebhookconfigurations validatingwebhookconfiguration ValidatingWebhookConfiguration C * - \
            api-extensions
        apiextensions.k8s.io/v1
          customresourcedefinitions customresourcedefinition CustomResourceDefinition C * crd,crds \
            api-extensions status:CustomResourceDefinition
        scheduling.k8s.io/v1
          priorityclasses priorityclass PriorityClass C * pc -
        coordination.k8s.io/v1
          leases lease Lease N * - -
        node.k8s.io/v1
          runtimeclasses runtimeclass RuntimeClass C * - -
        discovery.k8s.io/v1
          endpointslices endpointslice EndpointSlice N * - -
        resource.k8s.io/v1
          deviceclasses deviceclass DeviceClass C * - -
          resourceclaims resourceclaim ResourceClaim N * - - status:ResourceClaim
          resourceclaimtemplates resourceclaimtemplate ResourceClaimTemplate N * - -
          resourceslices resourceslice ResourceSlice C * - -
        flowcontrol.apiserver.k8s.io/v1
          flowschemas flowschema FlowSchema C * - - status:FlowSchema
          prioritylevelconfigurations prioritylevelconfiguration PriorityLevelConfiguration C * - - \
            status:PriorityLevelConfiguration
        """

    /// Every built-in kind, in the order in which discovery lists them.
    static let all: [ResourceKind] = parse(table)

    static func parse(_ table: String) -> [ResourceKind] {
        var kinds: [ResourceKind] = []
        var group = ""
        var version = ""
        for line in table.split(separator: "\n") {
            let words = line.split(separator: " ").map(String.init)
            if words.count == 1 {
                let parts = words[0].split(separator: "/").map(String.init)
                group = parts.count == 2 ? parts[0] : ""
                version = parts.last ?? ""
            } else if let kind = kind(words, group: group, version: version) {
                kinds.append(kind)
            }
        }
        return kinds
    }

    private static func kind(_ words: [String], group: String, version: String) -> ResourceKind? {
        guard words.count >= 7 else { return nil }
        func list(_ word: String) -> [String] { word == "-" ? [] : word.split(separator: ",").map(String.init) }
        return ResourceKind(
            served: GroupResource(group, words[0]),
            version: version,
            kind: words[2],
            listKind: words[2] + "List",
            singular: words[1],
            isNamespaced: words[3] == "N",
            shortNames: list(words[5]),
            categories: list(words[6]),
            verbs: words[4] == "*" ? ResourceKind.allVerbs : list(words[4]),
            subresources: words.dropFirst(7).map(subresource)
        )
    }

    private static func subresource(_ word: String) -> ResourceKind.Subresource {
        let parts = word.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        let groupVersion = parts.count > 2 ? parts[2].split(separator: "/").map(String.init) : []
        let verbs = parts.count > 3 ? parts[3].split(separator: "+").map(String.init) : ResourceKind.subresourceVerbs
        return ResourceKind.Subresource(
            name: parts[0],
            group: groupVersion.first ?? "",
            version: groupVersion.last ?? "",
            kind: parts.count > 1 ? parts[1] : "",
            verbs: verbs
        )
    }
}
