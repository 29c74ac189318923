import Foundation
import JSONModel
import KubernetesAPI
import KubernetesClient
import OperatorTestKit
import Testing
import TrustModel

@testable import TrustResources

/// The script of `vigil bulk-sign`, run by real shells, with the real `notation` and with tools that write down what they
/// are asked.
@Suite(.enabled(if: try RealTools.areInstalled, RealTools.reason), .timeLimit(.minutes(10)))
struct BulkSignTests {
    /// Runs a script with `folders` in front of the search path.
    private func run(
        _ script: String,
        _ arguments: [String] = [],
        path folders: [String],
        in workspace: Workspace,
        shell: String = "/bin/sh"
    ) async throws -> Workspace.Outcome {
        let path = (folders + ["/usr/bin", "/bin"]).joined(separator: ":")
        return try await workspace.run("/usr/bin/env", ["PATH=\(path)", shell, script] + arguments)
    }

    /// A tool that writes each of its arguments on a line, and fails where `failing` says so.
    private func makeTool(_ name: String, in workspace: Workspace, failing: String = "false") async throws -> String {
        let text = """
            #!/bin/sh
            for argument; do printf '<%s>\\n' "$argument" >>calls; done
            if \(failing); then exit 1; fi
            """
        try workspace.write(text, to: "bin/\(name).txt")
        // Another process writes what is executed: children of this one would hold it open (execve(2), `ETXTBSY`).
        let bin = "\(workspace.path)/bin"
        _ = try await workspace.run("/usr/bin/install", ["-m", "755", "\(bin)/\(name).txt", "\(bin)/\(name)"])
        return "\(workspace.path)/bin"
    }

    private func script(_ images: [String], _ tool: BulkSignTool, scope: String = "every namespace") -> String {
        var plan = BulkSignPlan([])
        plan.images = images
        return BulkSignScript(plan, tool: tool, scope: scope).text
    }

    private static let image = "registry.example.com/shop/web@sha256:" + String(repeating: "a", count: 64)
    private static let other = "registry.example.com/shop/api@sha256:" + String(repeating: "b", count: 64)

    @Test("what runs unsigned is signed with notation, the operator says Trusted, and a second run does nothing")
    func notation() async throws {
        try await OperatorCluster.with { cluster in
            try await Workspace.with { workspace in
                try await RealRegistry.with(workspace) { registry in
                    let (unsigned, foreign) = (try await registry.push("unsigned"), try await registry.push("foreign"))
                    let bad = try await registry.push("bad")
                    try await registry.makeKey("team")
                    try await registry.makeKey("stranger")
                    try await registry.sign(foreign, key: "stranger")
                    var policy = cluster.policy(trusting: try registry.certificate("team"))
                    let digest = String(bad.split(separator: "@").last ?? "")
                    policy.spec.decisions = [DecisionEntry(digest: digest, verdict: "Untrusted", reason: "CVE-1")]
                    _ = try await cluster.client.resource(TrustPolicy.self).create(policy)
                    for (name, image) in [("unsigned", unsigned), ("foreign", foreign), ("bad", bad)] {
                        try await cluster.runPod("\(name)-0", image)
                    }
                    let process = OperatorProcess(
                        cluster,
                        identity: "only",
                        arguments: ["--plain-http-registry", registry.host]
                    )
                    try await process.whileRunning {
                        _ = try await cluster.status(of: unsigned) { $0.reason == .noSignature }
                        _ = try await cluster.status(of: foreign) { $0.reason == .noTrustedSignature }
                        _ = try await cluster.status(of: bad) { $0.verdict == .untrusted }
                        try await sign(unsigned, cluster, workspace)
                    }
                }
            }
        }
    }

    private func sign(_ image: String, _ cluster: OperatorCluster, _ workspace: Workspace) async throws {
        let printed = try await workspace.vigil([
            "bulk-sign", "--kubeconfig", cluster.kubeconfig, "--namespace", cluster.namespace,
        ])
        #expect(printed.status == 0 && printed.errors.contains("1 to sign, 2 left out"), "\(printed.errors)")
        #expect(printed.output.contains("#   1  Unknown: NoTrustedSignature\n#   1  Untrusted\n"), "\(printed.output)")
        try workspace.write(printed.output, to: "sign.sh")
        let arguments = ["--sign", "--insecure-registry", "--key", "team"]
        let dry = try await run("sign.sh", path: [RealTools.folder], in: workspace)
        #expect(dry.status == 0 && dry.output.contains("would sign \(image)\n1 to sign, 0 signed before"), "\(dry)")
        let first = try await run("sign.sh", arguments, path: [RealTools.folder], in: workspace)
        #expect(first.status == 0 && first.output.contains("1 signed, 0 signed before, 0 failed"), "\(first)")
        let second = try await run("sign.sh", arguments, path: [RealTools.folder], in: workspace)
        #expect(second.status == 0 && second.output == "0 signed, 1 signed before, 0 failed\n", "\(second)")
        let name = try #require(ImageVerification.name(forImage: image))
        _ = try await cluster.client.resource(ImageVerification.self).patch(
            name,
            namespace: cluster.namespace,
            .merge(["metadata": ["annotations": [TrustAPI.verifyAnnotation: "now"]]])
        )
        let status = try await cluster.status(of: image) { $0.verdict == .trusted }
        #expect(status.reason == .verified)
    }

    @Test(
        "what runs unsigned is signed with cosign, which finds the signature good, and a second run does nothing",
        .enabled(if: try RealTools.has("cosign"), RealTools.lack(of: "cosign"))
    )
    func cosign() async throws {
        try await Workspace.with { workspace in
            try await RealRegistry.with(workspace) { registry in
                let image = try await registry.push("web")
                let cosign = RealTools.path("cosign")
                let made = try await workspace.run("/usr/bin/env", ["COSIGN_PASSWORD=", cosign, "generate-key-pair"])
                #expect(made.status == 0, "\(made)")
                let verify = [
                    "verify", "--key", "cosign.pub", "--insecure-ignore-tlog", "--allow-http-registry", image,
                ]
                #expect(try await workspace.run(cosign, verify).status != 0, "it is signed before it was")

                try workspace.write(script([image], .cosign), to: "sign.sh")
                let arguments = [
                    "COSIGN_PASSWORD=", "PATH=\(RealTools.folder):/usr/bin:/bin", "/bin/sh", "sign.sh", "--sign",
                    "--key", "cosign.key", "--use-signing-config=false", "--tlog-upload=false", "--allow-http-registry",
                ]
                let first = try await workspace.run("/usr/bin/env", arguments)
                #expect(first.status == 0 && first.output.contains("1 signed, 0 signed before, 0 failed"), "\(first)")
                let second = try await workspace.run("/usr/bin/env", arguments)
                #expect(second.output == "0 signed, 1 signed before, 0 failed\n", "\(second)")
                let verified = try await workspace.run(cosign, verify)
                #expect(verified.status == 0 && verified.output.contains(image), "\(verified)")
            }
        }
    }

    @Test(
        "a verdict in another namespace forbids signing; who may not read it is told; without a cluster there is no script",
        .enabled(if: try KubectlTool.isInstalled, KubectlTool.reason),
        .disabled(if: IntegrationCluster.isReal, InstalledCluster.reason)
    )
    func namespaces() async throws {
        try await InstalledCluster.with(.default, allowsWatchList: true) { cluster in
            try await cluster.install()
            for (namespace, verdict, reason) in [
                ("shop", "Unknown", "NoSignature"), ("bank", "Untrusted", "MarkedUntrusted"),
            ] {
                try await cluster.kubectl("create", "namespace", namespace)
                try await hold(verdict, reason, in: namespace, of: cluster)
            }
            let script = ["bulk-sign", "--namespace", "shop", "--kubeconfig"]
            let whole = try await cluster.workspace.vigil(script + [cluster.administrator.kubeconfig])
            #expect(whole.status == 0 && whole.errors.contains("0 to sign, 1 left out"), "\(whole)")
            #expect(whole.output.contains("#   1  Untrusted\n"), "\(whole)")

            try await cluster.kubectl("create", "serviceaccount", "reader", "-n", "shop")
            let role = ["--verb=list", "--resource=imageverifications.vigil.dev", "-n", "shop"]
            try await cluster.kubectl("create", "role", "reader", role[0], role[1], role[2], role[3])
            try await cluster.kubectl(
                "create",
                "rolebinding",
                "reader",
                "--role=reader",
                "--serviceaccount=shop:reader",
                "-n",
                "shop"
            )
            let reader = try cluster.kubeconfig(token: try await cluster.token(of: "reader"))
            let own = try await cluster.workspace.vigil(script + [reader])
            #expect(own.status == 0 && own.errors.contains("in other namespaces is not known"), "\(own)")
            #expect(own.errors.contains("1 to sign, 0 left out"), "\(own)")

            let stranger = try cluster.kubeconfig(token: "nobody")
            let refused = try await cluster.workspace.vigil(script + [stranger])
            #expect(refused.status == 3 && refused.output.isEmpty, "\(refused)")
        }
    }

    /// Writes what is held of one digest.
    private func hold(_ verdict: String, _ reason: String, in namespace: String, of cluster: InstalledCluster)
        async throws
    {
        let resource = cluster.administrator.client.resource(ImageVerification.self)
        let made = try await resource.create(
            ImageVerification(
                metadata: ObjectMeta(name: "web", namespace: namespace),
                spec: ImageVerificationSpec(image: Self.image)
            )
        )
        var status = ImageVerificationStatus()
        status.verdict = Verdict(rawValue: verdict)
        status.reason = Reason(rawValue: reason)
        status.repository = "registry.example.com/shop/web"
        status.digest = Self.image.split(separator: "@").last.map(String.init)
        status.workloads = .init(pods: 1, names: ["web-0"])
        let value = try JSONParser().parse(Array(try JSONEncoder().encode(status)))
        _ = try await resource.patch(
            made.metadata.name,
            namespace: namespace,
            .merge(["status": value]),
            subresource: "status"
        )
    }

    @Test("every tool is called with the image and the arguments of the script", arguments: BulkSignTool.allCases)
    func tools(_ tool: BulkSignTool) async throws {
        try await Workspace.with { workspace in
            let folder = try await makeTool(tool.rawValue, in: workspace)
            try workspace.write(script([Self.image], tool), to: "sign.sh")
            let outcome = try await run("sign.sh", ["--sign", "--key", "a b"], path: [folder], in: workspace)
            #expect(outcome.status == 0, "\(outcome)")
            let expected: [BulkSignTool: [String]] = [
                .notation: ["sign", "--key", "a b", Self.image],
                .cosign: ["sign", "--yes", "--key", "a b", Self.image],
                .vcn: [
                    "notarize", "--hash", String(repeating: "a", count: 64), "--name", Self.image, "--key", "a b",
                ],
            ]
            #expect(try workspace.read("calls") == (expected[tool] ?? []).map { "<\($0)>\n" }.joined())
        }
    }

    @Test("without --sign nothing is called; other arguments are refused; a tool that is not there is said")
    func dry() async throws {
        try await Workspace.with { workspace in
            let folder = try await makeTool("notation", in: workspace)
            try workspace.write(script([Self.image], .notation), to: "sign.sh")
            #expect(try await run("sign.sh", path: [folder], in: workspace).status == 0)
            for arguments in [["--help"], ["sign"], [""], ["--key", "x"]] {
                #expect(try await run("sign.sh", arguments, path: [folder], in: workspace).status == 2, "\(arguments)")
            }
            let missing = try await run("sign.sh", ["--sign"], path: [], in: workspace)
            #expect(missing.status == 127 && missing.errors == "notation is not in PATH\n")
            #expect(!FileManager.default.fileExists(atPath: "\(workspace.path)/calls"))
            #expect(!FileManager.default.fileExists(atPath: "\(workspace.path)/vigil-bulk-sign.done"))
        }
    }

    @Test("a failure does not keep the others from being signed, and only it is tried again")
    func failure() async throws {
        try await Workspace.with { workspace in
            let folder = try await makeTool("notation", in: workspace, failing: "[ \"$2\" = '\(Self.image)' ]")
            try workspace.write(script([Self.image, Self.other], .notation), to: "sign.sh")
            let first = try await run("sign.sh", ["--sign"], path: [folder], in: workspace)
            #expect(first.status == 1 && first.output.contains("1 signed, 0 signed before, 1 failed"), "\(first)")
            #expect(first.errors == "not signed: \(Self.image)\n")
            _ = try await makeTool("notation", in: workspace)
            let second = try await run("sign.sh", ["--sign"], path: [folder], in: workspace)
            #expect(second.status == 0 && second.output.contains("1 signed, 1 signed before, 0 failed"), "\(second)")
        }
    }

    @Test("a script that was cut short on its way does nothing")
    func truncated() async throws {
        try await Workspace.with { workspace in
            let folder = try await makeTool("notation", in: workspace)
            let lines = script([Self.image, Self.other], .notation).split(
                separator: "\n",
                omittingEmptySubsequences: false
            )
            let end = try #require(lines.lastIndex { $0 == "main \"$@\"" })
            for count in stride(from: 1, through: end, by: 3) {
                try workspace.write(lines.prefix(count).joined(separator: "\n"), to: "sign.sh")
                _ = try await run("sign.sh", ["--sign"], path: [folder], in: workspace)
            }
            #expect(!FileManager.default.fileExists(atPath: "\(workspace.path)/calls"))
        }
    }

    @Test(
        "whatever an image were called, a shell takes it for one word and nothing more",
        arguments: [
            "x'; touch pwned; '", "$(touch pwned)", "`touch pwned`", "x\"; touch pwned; \"", "a b\tc", "--key=x", "*",
            "~", "x\\", "x\\'", "'", "''", "$IFS", "x;touch pwned", "x&touch pwned", "x|touch pwned", "x\ntouch pwned",
            "#x", "!x", "{a,b}", "x\u{1B}[2J", "ä\u{202E}", "$((1+1))", "%s%n",
        ]
    )
    func hostile(_ name: String) async throws {
        try await Workspace.with { workspace in
            let folder = try await makeTool("notation", in: workspace)
            let scope = "the namespace x\ntouch pwned\r\n$(touch pwned)"
            try workspace.write(script([name], .notation, scope: scope), to: "sign.sh")
            for shell in ["/bin/sh", "/bin/bash"] {
                _ = try await run("sign.sh", path: [folder], in: workspace, shell: shell)
                _ = try await workspace.run("/bin/rm", ["-f", "calls", "vigil-bulk-sign.done"])
                let outcome = try await run("sign.sh", ["--sign"], path: [folder], in: workspace, shell: shell)
                #expect(outcome.status == 0, "\(shell): \(outcome)")
                #expect(try workspace.read("calls") == "<sign>\n<\(name)>\n", "\(shell)")
                #expect(!FileManager.default.fileExists(atPath: "\(workspace.path)/pwned"), "\(shell)")
            }
        }
    }

    @Test(
        "shellcheck has nothing to say",
        .enabled(if: try RealTools.has("shellcheck"), RealTools.lack(of: "shellcheck")),
        arguments: BulkSignTool.allCases
    )
    func shellcheck(_ tool: BulkSignTool) async throws {
        try await Workspace.with { workspace in
            for images in [[], [Self.image, Self.other]] {
                try workspace.write(script(images, tool), to: "sign.sh")
                let outcome = try await workspace.run(RealTools.path("shellcheck"), ["--shell=sh", "sign.sh"])
                #expect(outcome.status == 0, "\(outcome.output)\(outcome.errors)")
            }
        }
    }
}

extension ImageVerification {
    /// The name of the object for `repository@digest`.
    fileprivate static func name(forImage image: String) -> String? {
        image.split(separator: "@").last.flatMap { text in
            let parts = text.split(separator: ":")
            return parts.count == 2 ? "\(parts[0])-\(parts[1].prefix(32))" : nil
        }
    }
}
