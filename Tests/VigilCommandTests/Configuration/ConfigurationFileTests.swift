import ImageTrust
import Logging
import Testing

@testable import VigilCommand

@Suite("Configuration files")
struct ConfigurationFileTests {
    private func read(_ text: String) throws -> OperatorConfiguration {
        try ConfigurationLayers().over(ConfigurationFile(Array(text.utf8), name: "config.yaml")).configuration
    }

    private func problems(_ bytes: [UInt8]) -> [String] {
        do throws(ConfigurationProblems) {
            _ = try ConfigurationLayers().over(ConfigurationFile(bytes, name: "config.yaml"))
            return []
        } catch {
            return error.all.map(\.description)
        }
    }

    private func problems(_ text: String) -> [String] { problems(Array(text.utf8)) }

    @Test("mirrors are groups of three values, or written as flags are")
    func mirrors() throws {
        let configuration = try read(
            """
            registry:
              mirrors:
              - {from: docker.io, to: mirror.example:5000/hub, evidence: both}
              - quay.io/shop=mirror.example:5000/shop=mirror
            """
        )
        #expect(
            try configuration.mirrors.mirrors.map(\.description) == [
                "docker.io=mirror.example:5000/hub=both", "quay.io/shop=mirror.example:5000/shop=mirror",
            ]
        )
        #expect(try read("workers: 2").mirrors == .none)
    }

    @Test(
        "mirrors that cannot be used are refused where they stand",
        arguments: [
            ("{from: docker.io, to: m.example}", "is a group of settings, expected a list, each FROM=TO=EVIDENCE"),
            ("{from: docker.io, to: m.example, evidence: all}", "expected FROM=TO=EVIDENCE"),
            ("{from: docker.io, to: m.example, evidence: both, insecure: true}", "is a group of settings"),
            ("{from: docker.io, to: docker.io/x, evidence: both}", "overlaps docker.io"),
        ]
    )
    func badMirrors(_ mirror: String, _ words: String) {
        let found = problems("registry:\n  mirrors:\n  - \(mirror)\n")
        #expect(found.count == 1 && found.first?.contains(words) == true, "\(found)")
        #expect(found.first?.hasPrefix("config.yaml:2:") == true, "\(found)")
    }

    @Test("what is particular about registries is a group of values, or written as flags are")
    func hosts() throws {
        let configuration = try read(
            """
            registry:
              hosts:
              - {host: "r.example:5000", ca: /ca.crt, clientCertificate: /c.crt, clientKey: /c.key}
              - r.local;plainHTTP=true
            """
        )
        #expect(
            configuration.hosts.map(\.description) == [
                "r.example:5000;ca=/ca.crt;clientCertificate=/c.crt;clientKey=/c.key", "r.local;plainHTTP=true",
            ]
        )
        #expect(configuration.hosts.first?.files == ["/ca.crt", "/c.crt", "/c.key"])
    }

    @Test(
        "entries for registries that cannot be used are refused where they stand",
        arguments: [
            (
                "hosts: [{host: r.example, certificate: /c}]",
                "registry.hosts: has an entry for \"r.example\" with \"cert"
            ),
            ("hosts: [{host: r.example, proxy: \"http://u:hunter2@p\"}]", "has a user or a password"),
            ("hosts: [\"r.example;proxy=http://u:hunter2@p\"]", "has a user or a password"),
            ("hosts: [3]", "an entry is a number, expected a list, each HOST;ca=FILE"),
            ("hosts: [{host: r.example, ca: /a}, {host: r.example, proxy: direct}]", "r.example has two entries"),
            ("hosts: [{host: r.example, ca: /a}]\n  plainHTTP: [r.example]", "stands in registry.plainHTTP"),
        ]
    )
    func badHosts(_ text: String, _ words: String) {
        let found = problems("registry:\n  \(text)\n")
        #expect(found.count == 1 && found.first?.contains(words) == true, "\(found)")
        #expect(found.first?.hasPrefix("config.yaml:2:") == true && found.first?.contains("hunter2") == false)
    }

    @Test("every kind of value is read")
    func values() throws {
        let configuration = try read(
            """
            log: {level: debug, format: json}
            watch:
              namespace: shop
            workers: 8
            evidenceAge: 90s
            registry:
              plainHTTP: [localhost:5000, "registry.local"]
              caFile: /ca.crt
            revocation: {allowHosts: [ocsp.internal]}
            metrics: {kubeNotary: true}
            kubernetes: {qps: 2.5, burst: 3}
            """
        )
        #expect(configuration.logLevel == .debug && configuration.logFormat == .json)
        #expect(configuration.namespace == "shop" && configuration.workers == 8)
        #expect(configuration.evidenceAge == .seconds(90))
        #expect(configuration.plainHTTPRegistries == ["localhost:5000", "registry.local"])
        #expect(configuration.registryAuthorityFile == "/ca.crt" && configuration.revocationHosts == ["ocsp.internal"])
        #expect(configuration.exportsKubeNotaryMetrics)
        #expect(configuration.requestsPerSecond == 2.5 && configuration.requestBurst == 3)
        #expect(try read("kubernetes: {qps: 5}").requestsPerSecond == 5)
    }

    @Test("a file without settings leaves every default", arguments: ["", "# nothing\n", "---\n", "{}", "\u{FEFF}"])
    func empty(_ text: String) throws { #expect(try read(text) == OperatorConfiguration()) }

    @Test("JSON is read too")
    func json() throws { #expect(try read(#"{"log": {"level": "error"}}"#).logLevel == .error) }

    @Test("an empty text takes a setting back")
    func nothing() throws { #expect(try read("watch: {namespace: \"\"}").namespace == nil) }

    @Test(
        "what is wrong is told with line, column, setting and what is allowed",
        arguments: [
            ("log:\n  level: loud\n", "config.yaml:2:3: log.level: is \"loud\", expected one of trace, debug, info"),
            ("log:\n  level: debg\n", "(did you mean debug?)"),
            ("\nworkers: 0\n", "config.yaml:2:1: workers: is 0, expected a whole number from 1 to 256"),
            ("workers: 1.5", "workers: is a number, expected a whole number from 1 to 256"),
            ("workers: \"8\"", "workers: is text, expected a whole number"),
            ("workers:\n", "workers: is empty; write a whole number from 1 to 256, or remove the line"),
            ("evidenceAge: 5", "evidenceAge: is a number, expected a duration from 0s to 24h"),
            ("evidenceAge: 25h", "evidenceAge: \"25h\" is out of bounds: from 0s to 24h is allowed"),
            ("metrics: {kubeNotary: \"yes\"}", "metrics.kubeNotary: is text, expected true or false"),
            (
                "watch: {namespace: 12}",
                "watch.namespace: is a number, expected the name of a namespace, or nothing; put it"
            ),
            ("watch: {namespace: Shop}", "watch.namespace: is \"Shop\", expected the name of a namespace"),
            ("registry: {plainHTTP: localhost}", "registry.plainHTTP: is text, expected a list"),
            ("registry: {plainHTTP: [\"a b\"]}", "registry.plainHTTP: is \"a b\", expected a registry's host"),
            ("registry: {plainHTTP: [\"\"]}", "registry.plainHTTP: has an entry that is empty"),
            ("registry: {plainHTTP: [{a: 1}]}", "registry.plainHTTP: an entry is a group of settings"),
            ("health: {address: nowhere}", "health.address: is \"nowhere\", expected host:port"),
            ("kubernetes: {qps: .nan}", "kubernetes.qps: "), ("kubernetes: {qps: -1}", "kubernetes.qps: is -1"),
            ("leaderElection: {leaseName: Big}", "leaderElection.leaseName: is \"Big\""),
            ("leaderElection: {identity: a}", "replicas share; use --identity or VIGIL_IDENTITY"),
            (
                "leaderElection:\n  leaseDuration: 5s\n",
                "config.yaml:2:3: leaderElection.leaseDuration: the lease duration"
            ),
            ("loglevel: debug", "loglevel: is no setting (did you mean log.level?); allowed here: azure, endpoints,"),
            ("log.level: debug", "config.yaml:1:1: log.level: is no setting (did you mean log.level?)"),
            ("log: {level.x: debug}", "log.level.x: is no setting"),
            ("log:\n", "log: is empty; write settings below it"),
            ("log: debug", "log: is a group of settings: format, level"),
            ("log: {level: {a: 1}}", "log.level: is a group of settings, expected one of"),
            ("- log", "config.yaml:1:1: is no mapping"), ("debug", "is no mapping"),
            ("workers: 1\n---\nworkers: 2\n", "config.yaml:1:1: has 2 documents"),
        ]
    )
    func refused(_ text: String, _ sentence: String) {
        let problems = problems(text)
        #expect(problems.count == 1 && problems.first?.contains(sentence) == true, "\(problems)")
    }

    @Test("everything that is wrong is told, from top to bottom, and 64 things at most")
    func several() {
        let found = problems("workers: 0\nlog:\n  levle: debug\n  format: xml\nzzz: 1\n")
        #expect(
            found.map { $0.prefix(14) } == ["config.yaml:1:", "config.yaml:3:", "config.yaml:4:", "config.yaml:5:"]
        )
        let many = (0..<500).map { "key\($0): 1\n" }.joined()
        #expect(problems(many).count == 64)
    }

    // MARK: - Hostile input

    @Test("a key that is written twice is refused, in a group too")
    func duplicates() {
        #expect(problems("workers: 1\nworkers: 2\n").first?.contains("written more than once") == true)
        #expect(problems("log: {level: info, level: debug}").first?.contains("written more than once") == true)
        #expect(problems("{\"workers\": 1, \"workers\": 2}").count == 1)
    }

    @Test("what is no UTF-8, or no YAML, is refused")
    func unreadable() {
        #expect(problems([0x77, 0xFF, 0xFE]).first == "config.yaml: is not UTF-8 text")
        #expect(problems("log: [").first?.contains("is no valid YAML") == true)
        #expect(problems("workers: \u{0}").count == 1)
    }

    @Test("aliases that stand for too much are refused before they are walked")
    func aliases() {
        var text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
        for level in 1...12 {
            let entries = Array(repeating: "*a\(level - 1)", count: 10).joined(separator: ", ")
            text += "a\(level): &a\(level) [\(entries)]\n"
        }
        let found = problems(text)
        #expect(found.count == 1 && found.first?.contains("more than 2000 values") == true, "\(found)")
        #expect(problems("log: &l {level: debug}\nlog2: *l\n").count == 1)
    }

    @Test("size and depth are bounded")
    func size() {
        let large = Array(repeating: UInt8(ascii: "#"), count: ConfigurationFile.maximumBytes)
        #expect(problems(large).isEmpty)
        #expect(problems(large + [UInt8(ascii: "#")]).first == "config.yaml: is larger than 65536 bytes")
        let deep = String(repeating: "[", count: 200) + String(repeating: "]", count: 200)
        #expect(problems("log: \(deep)").count == 1)
        let hosts = (0...256).map { "h\($0)" }.joined(separator: ", ")
        #expect(problems("registry: {plainHTTP: [\(hosts)]}").first?.contains("at most 256") == true)
        let long = String(repeating: "x", count: 1025)
        #expect(problems("registry: {caFile: \(long)}").first?.contains("longer than 1024 bytes") == true)
        #expect(problems("registry: {caFile: \"a\\0b\"}").count == 1)
    }

    @Test("what is told of a hostile key is short")
    func longKeys() {
        let found = problems("\(String(repeating: "k", count: 900)): 1")
        #expect(found.count == 1 && (found.first?.utf8.count ?? 0) < 400, "\(found)")
    }
}
