import EmbeddedKubernetes
import JSONModel
import KubernetesAPI
import Testing

@Suite(
    "An unmodified kubectl",
    .enabled(if: try Kubectl.isInstalled, Kubectl.reason)
)
struct KubectlTests {
    private static let definition: String = {
        let extra: JSONValue = [
            "additionalPrinterColumns": [
                ["name": "Size", "type": "integer", "jsonPath": ".spec.size"],
                ["name": "Ready", "type": "string", "jsonPath": ".status.conditions[?(@.type==\"Ready\")].status"],
            ]
        ]
        let size: JSONValue = ["type": "integer", "maximum": 9, "default": 1, "description": "how large it is"]
        return JSONSerializer().string(ClusterFixture.definition(spec: ["size": size], extra: extra))
    }()

    private func widget(_ spec: JSONValue) -> String {
        JSONSerializer().string(ClusterFixture.widget("w", spec: spec))
    }

    @Test("applies a definition and an object of it, and reads them back as tables and text")
    func apply() async throws {
        try await Kubectl.with { kubectl in
            let made = try await kubectl("apply", "-f", "-", input: Self.definition)
            #expect(
                made.out == "customresourcedefinition.apiextensions.k8s.io/widgets.example.dev created\n",
                "\(made.err)"
            )
            let waited = try await kubectl(
                "wait",
                "--for=condition=Established",
                "crd/widgets.example.dev",
                "--timeout=60s"
            )
            #expect(waited.exitCode == 0, "\(waited.err)")
            #expect(
                try await kubectl("apply", "-f", "-", input: widget(["size": 3])).out
                    == "widget.example.dev/w created\n"
            )
            #expect(
                try await kubectl("apply", "-f", "-", input: widget(["size": 3])).out
                    == "widget.example.dev/w unchanged\n"
            )
            #expect(
                try await kubectl("apply", "-f", "-", input: widget(["size": 4])).out
                    == "widget.example.dev/w configured\n"
            )
            #expect(try await kubectl("get", "widgets").lines == ["NAME SIZE READY", "w 4"])
            #expect(try await kubectl("get", "widgets", "-o", "jsonpath={.items[0].spec.size}").out == "4")
            let invalid = try await kubectl("apply", "-f", "-", input: widget(["size": 10]))
            #expect(invalid.exitCode == 1)
            #expect(
                invalid.err.contains(
                    "spec.size: Invalid value: 10: spec.size in body should be less than or equal to 9"
                )
            )
            let unknown = try await kubectl("apply", "-f", "-", input: widget(["sise": 1]))
            #expect(unknown.exitCode == 1 && unknown.err.contains("unknown field \"spec.sise\""), "\(unknown.err)")
            let explained = try await kubectl("explain", "widgets.spec")
            #expect(
                explained.out.contains("size\t<integer>") && explained.out.contains("how large it is"),
                "\(explained)"
            )
            let resources = try await kubectl("api-resources", "--api-group=example.dev")
            #expect(resources.lines.contains("widgets example.dev/v1 true Widget"))
        }
    }

    @Test("patches the status, describes, waits and deletes")
    func status() async throws {
        try await Kubectl.with { kubectl in
            _ = try await kubectl("apply", "-f", "-", input: Self.definition)
            _ = try await kubectl("apply", "-f", "-", input: widget(["size": 3]))
            let status = "{\"status\":{\"conditions\":[{\"type\":\"Ready\",\"status\":\"True\"}]}}"
            let patched = try await kubectl(
                "patch",
                "widget",
                "w",
                "--subresource=status",
                "--type=merge",
                "-p",
                status
            )
            #expect(patched.out == "widget.example.dev/w patched\n", "\(patched.err)")
            #expect(try await kubectl("get", "widget", "w").lines == ["NAME SIZE READY", "w 3 True"])
            #expect(try await kubectl("wait", "--for=condition=Ready", "widget/w", "--timeout=60s").exitCode == 0)
            let described = try await kubectl("describe", "widget", "w")
            #expect(described.out.contains("Size:  3") && described.lines.last == "Events: <none>", "\(described)")
            #expect(try await kubectl("label", "widget", "w", "a=b").exitCode == 0)
            #expect(try await kubectl("get", "widgets", "-l", "a=b", "-o", "name").out == "widget.example.dev/w\n")
            let deleted = try await kubectl("delete", "widget", "w")
            // Newer ones name the namespace too.
            #expect(deleted.out.hasPrefix("widget.example.dev \"w\" deleted"), "\(deleted.out)")
            let gone = try await kubectl("get", "widget", "w")
            #expect(gone.err == "Error from server (NotFound): widgets.example.dev \"w\" not found\n")
        }
    }

    @Test("makes namespaces, secrets, configmaps, service accounts and tokens through protobuf")
    func protobuf() async throws {
        try await Kubectl.with { kubectl in
            let made = try await kubectl("create", "namespace", "shop")
            #expect(made.out == "namespace/shop created\n", "\(made.err)")
            #expect(try await kubectl("create", "configmap", "cm", "-n", "shop", "--from-literal=a=b").exitCode == 0)
            #expect(
                try await kubectl("create", "secret", "generic", "s", "-n", "shop", "--from-literal=k=v").exitCode == 0
            )
            #expect(try await kubectl("create", "serviceaccount", "sa", "-n", "shop").exitCode == 0)
            #expect(try await kubectl("create", "token", "sa", "-n", "shop").exitCode == 0)
            #expect(
                try await kubectl("create", "role", "r", "-n", "shop", "--verb=get", "--resource=pods").exitCode == 0
            )
            #expect(try await kubectl("auth", "can-i", "get", "pods").out == "yes\n")
            #expect(try await kubectl("get", "secret", "s", "-n", "shop", "-o", "jsonpath={.data.k}").out == "dg==")
            #expect(try await kubectl("get", "cm", "-n", "shop").lines.first == "NAME DATA AGE")
            #expect(try await kubectl("delete", "namespace", "shop", "--timeout=20s").exitCode == 0)
            #expect(try await kubectl("get", "namespace", "shop").exitCode == 1)
        }
    }

    @Test("shows pods and events")
    func pods() async throws {
        let cluster = EmbeddedCluster()
        let transport = cluster.transport(userAgent: "tests")
        let event: JSONValue = [
            "apiVersion": "events.k8s.io/v1", "kind": "Event", "metadata": ["name": "e", "namespace": "default"],
            "eventTime": "2026-11-20T00:00:00.000000Z", "reportingController": "example.dev/op",
            "reportingInstance": "op-0",
            "action": "Verify", "reason": "ImageUntrusted", "note": "signature invalid", "type": "Warning",
            "regarding": ["apiVersion": "v1", "kind": "Pod", "name": "web", "namespace": "default"],
        ]
        let made = try await transport.send(
            APIRequest(
                .post,
                "/apis/events.k8s.io/v1/namespaces/default/events",
                headers: ["content-type": "application/json"],
                body: JSONSerializer().bytes(event)
            )
        )
        #expect(made.status == 201)
        try await Kubectl.with(cluster) { kubectl in
            func pod(_ spec: String) -> String { "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec: \(spec)\n" }
            #expect(
                try await kubectl("apply", "-f", "-", input: pod("{containers: [{name: c, image: 'nginx:1'}]}")).out
                    == "pod/web created\n"
            )
            let image = pod("{containers: [{name: c, image: 'nginx:2'}]}")
            #expect(try await kubectl("apply", "-f", "-", input: image).out == "pod/web configured\n")
            #expect(
                try await kubectl("get", "pod", "web", "-o", "jsonpath={.spec.containers[*].image}").out == "nginx:2"
            )
            #expect(try await kubectl("get", "pods").lines.first == "NAME READY STATUS RESTARTS AGE")
            let pods = try await kubectl("get", "pods")
            #expect(pods.lines.last?.hasPrefix("web 0/1 Pending 0 ") == true)
            let listed = try await kubectl("get", "events")
            #expect(listed.out.contains("pod/web"))
            let events = try await kubectl("events", "--types=Warning", "--for", "pod/web")
            #expect(events.out.contains("ImageUntrusted") && events.out.contains("signature invalid"), "\(events)")
            let mistake = pod("{containers: [{name: c, image: 'nginx:2'}], contaners: []}")
            let refused = try await kubectl("apply", "-f", "-", input: mistake)
            #expect(refused.err.contains("unknown field \"spec.contaners\""))
            #expect(try await kubectl("delete", "pod", "web", "--timeout=20s").exitCode == 0)
        }
    }

    @Test("that goes away takes its watch along", .timeLimit(.minutes(5)))
    func abandonedWatch() async throws {
        let cluster = EmbeddedCluster()
        try await Kubectl.with(cluster) { kubectl in
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { _ = try? await kubectl("get", "namespaces", "-w") }
                while await cluster.openWatches == 0 { await Task.yield() }
                group.cancelAll()
                try await group.waitForAll()
            }
            while await cluster.openWatches > 0 { await Task.yield() }
            let after = try await kubectl("get", "namespaces", "-o", "name")
            #expect(after.lines.contains("namespace/default"))
        }
    }

    @Test("watches: a row for each change, until the server closes the watch", .timeLimit(.minutes(5)))
    func watch() async throws {
        let cluster = EmbeddedCluster()
        try await Kubectl.with(cluster) { kubectl in
            _ = try await kubectl("create", "configmap", "cm", "--from-literal=a=b")
            try await withThrowingTaskGroup(of: Kubectl.Output.self) { group in
                group.addTask { try await kubectl("get", "cm", "-w", "--request-timeout=60s") }
                // The watch is there once the server counts it.
                while await cluster.openWatches == 0 { await Task.yield() }
                #expect(try await kubectl("label", "cm", "cm", "a=b").exitCode == 0)
                #expect(try await kubectl("delete", "cm", "cm").exitCode == 0)
                await cluster.closeWatches()
                let finished = try await group.next()
                let output = try #require(finished)
                #expect(output.lines.filter { $0.hasPrefix("cm 1") }.count == 3, "\(output)")
            }
        }
    }
}
