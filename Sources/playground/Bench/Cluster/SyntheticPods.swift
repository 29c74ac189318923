import KubernetesRuntime

/// Pods as a cluster of some size has them, of about 3 KB each, made from a seed.
///
/// A pod runs the image of its number, which runs in one namespace only, so that there are as many verifications as
/// images.
struct SyntheticPods: Sendable {
    /// Where they run.
    let namespaces: [String]
    /// What they run, as `host/path@digest`.
    let images: [String]
    /// A second image that all of them run beside; `nil` where both containers run the same one.
    var sidecar: String?
    var seed: UInt64 = 1

    /// Images that nobody has pushed, for a cluster that nobody asks a registry about.
    static func invented(_ count: Int, seed: UInt64) -> [String] {
        var random = SplitMix64(seed: seed)
        return (0..<count).map { "registry.example.com/shop/service-\($0 % 200)@sha256:\(hex(64, &random))" }
    }

    /// The name of pod `number`.
    func name(_ number: Int) -> String {
        var random = generator(number)
        return "service-\(number % images.count)-\(Self.hex(10, &random))-\(number)"
    }

    func namespace(_ number: Int) -> String { namespaces[number % images.count % namespaces.count] }

    func image(_ number: Int) -> String { images[number % images.count] }

    /// The pod as an API server stores it while it runs.
    func stored(_ number: Int) -> [UInt8] {
        var random = generator(number)
        let hash = Self.hex(10, &random)
        let name = "service-\(number % images.count)-\(hash)-\(number)"
        let uid = Self.uid(&random)
        let owner = Self.uid(&random)
        let metadata = """
            {"name":"\(name)","generateName":"service-\(number % images.count)-\(hash)-","namespace":"\(namespace(number))",\
            "uid":"\(uid)","resourceVersion":"1","generation":1,"creationTimestamp":"2026-05-04T03:02:01Z",\
            "labels":\(labels(number, hash)),"annotations":\(annotations(number)),\
            "ownerReferences":[{"apiVersion":"apps/v1","kind":"ReplicaSet","name":"service-\(number % images.count)-\(hash)",\
            "uid":"\(owner)","controller":true,"blockOwnerDeletion":true}],"managedFields":\(Self.managedFields(owner))}
            """
        let text = """
            {"apiVersion":"v1","kind":"Pod","metadata":\(metadata),\
            "spec":\(specification(number, node: "node-\(random.next() % 200)")),"status":\(status(number, &random))}
            """
        return Array(text.utf8)
    }

    /// The pod as somebody creates it, before it runs; no scheduler takes it.
    func created(_ number: Int) -> [UInt8] {
        let text = """
            {"apiVersion":"v1","kind":"Pod","metadata":{"name":"\(name(number))","namespace":"\(namespace(number))",\
            "labels":\(labels(number, "0000000000")),"annotations":\(annotations(number))},\
            "spec":\(specification(number, node: nil))}
            """
        return Array(text.utf8)
    }

    /// A merge patch of the status: the pod runs from now on.
    func started(_ number: Int) -> [UInt8] {
        var random = generator(number)
        return Array("{\"status\":\(status(number, &random))}".utf8)
    }

    // MARK: - Parts

    private func labels(_ number: Int, _ hash: String) -> String {
        let service = number % images.count
        return """
            {"app.kubernetes.io/name":"service-\(service)","app.kubernetes.io/instance":"production",\
            "app.kubernetes.io/part-of":"shop","pod-template-hash":"\(hash)","team":"team-\(service % 20)"}
            """
    }

    private func annotations(_ number: Int) -> String {
        """
        {"kubectl.kubernetes.io/restartedAt":"2026-05-04T03:02:00Z","prometheus.io/scrape":"true",\
        "prometheus.io/port":"9090","checksum/config":"\(number % images.count)-5f4dcc3b5aa765d61d8327deb882cf99"}
        """
    }

    /// The image as a pod asks for it: by tag, which is how most do.
    private static func written(_ image: String) -> String {
        "\(image.prefix { $0 != "@" }):v1"
    }

    private func specification(_ number: Int, node: String?) -> String {
        let assigned = node.map { "\"nodeName\":\"\($0)\"," } ?? "\"schedulerName\":\"nobody\","
        let main = container("app", image(number), "\"env\":[{\"name\":\"LOG_LEVEL\",\"value\":\"info\"}],")
        let proxy = container("proxy", sidecar ?? image(number), "\"args\":[\"--listen=:8443\"],")
        return """
            {\(assigned)"containers":[\(main),\(proxy)],"restartPolicy":"Always","terminationGracePeriodSeconds":30,\
            "dnsPolicy":"ClusterFirst","serviceAccountName":"default",\
            "tolerations":[{"key":"node.kubernetes.io/not-ready","operator":"Exists","effect":"NoExecute",\
            "tolerationSeconds":300}]}
            """
    }

    private func container(_ name: String, _ image: String, _ extra: String) -> String {
        """
        {"name":"\(name)","image":"\(Self.written(image))",\(extra)"ports":[{"containerPort":8080,"protocol":"TCP"}],\
        "resources":{"limits":{"memory":"256Mi"},"requests":{"cpu":"100m","memory":"128Mi"}},\
        "imagePullPolicy":"IfNotPresent","terminationMessagePath":"/dev/termination-log",\
        "terminationMessagePolicy":"File"}
        """
    }

    private func status(_ number: Int, _ random: inout SplitMix64) -> String {
        let address = "10.\(number / 65_536 % 256).\(number / 256 % 256).\(number % 256)"
        let conditions = ["Initialized", "Ready", "ContainersReady", "PodScheduled"].map {
            "{\"type\":\"\($0)\",\"status\":\"True\",\"lastTransitionTime\":\"2026-05-04T03:02:09Z\"}"
        }.joined(separator: ",")
        let statuses = [("app", image(number)), ("proxy", sidecar ?? image(number))].map { name, image in
            """
            {"name":"\(name)","image":"\(Self.written(image))","imageID":"\(image)","ready":true,"restartCount":0,\
            "started":true,"containerID":"containerd://\(Self.hex(64, &random))",\
            "state":{"running":{"startedAt":"2026-05-04T03:02:08Z"}}}
            """
        }.joined(separator: ",")
        return """
            {"phase":"Running","podIP":"\(address)","podIPs":[{"ip":"\(address)"}],"hostIP":"192.0.2.\(number % 200)",\
            "startTime":"2026-05-04T03:02:01Z","qosClass":"Burstable","conditions":[\(conditions)],\
            "containerStatuses":[\(statuses)]}
            """
    }

    private static func managedFields(_ owner: String) -> String {
        """
        [{"manager":"kube-controller-manager","operation":"Update","apiVersion":"v1","time":"2026-05-04T03:02:01Z",\
        "fieldsType":"FieldsV1","fieldsV1":{"f:metadata":{"f:annotations":{".":{},"f:checksum/config":{}},\
        "f:generateName":{},"f:labels":{".":{},"f:app.kubernetes.io/name":{},"f:pod-template-hash":{}},\
        "f:ownerReferences":{".":{},"k:{\\"uid\\":\\"\(owner)\\"}":{}}},"f:spec":{"f:containers":{\
        "k:{\\"name\\":\\"app\\"}":{".":{},"f:image":{},"f:name":{},"f:resources":{}}}}}},\
        {"manager":"kubelet","operation":"Update","apiVersion":"v1","time":"2026-05-04T03:02:09Z",\
        "fieldsType":"FieldsV1","subresource":"status","fieldsV1":{"f:status":{"f:containerStatuses":{},"f:phase":{},\
        "f:podIP":{}}}}]
        """
    }

    // MARK: - Randomness

    private func generator(_ number: Int) -> SplitMix64 {
        SplitMix64(seed: seed &* 0x9E37_79B9 &+ UInt64(truncatingIfNeeded: number))
    }

    private static let digits = Array("0123456789abcdef".utf8)

    private static func hex(_ count: Int, _ random: inout SplitMix64) -> String {
        var bytes: [UInt8] = []
        while bytes.count < count {
            var bits = random.next()
            for _ in 0..<min(16, count - bytes.count) {
                bytes.append(digits[Int(bits & 15)])
                bits >>= 4
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func uid(_ random: inout SplitMix64) -> String {
        [8, 4, 4, 4, 12].map { hex($0, &random) }.joined(separator: "-")
    }
}
