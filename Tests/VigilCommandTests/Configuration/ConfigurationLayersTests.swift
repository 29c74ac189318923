import Logging
import Testing

@testable import VigilCommand

@Suite("Layers of the configuration")
struct ConfigurationLayersTests {
    private func file(_ text: String) throws -> ConfigurationFile {
        try ConfigurationFile(Array(text.utf8), name: "config.yaml")
    }

    private func problems(flags: [String: [String]] = [:], environment: [String: String] = [:]) -> [String] {
        do throws(ConfigurationProblems) {
            _ = try ConfigurationLayers(flags: flags, environment: environment).over(nil)
            return []
        } catch {
            return error.all.map(\.description)
        }
    }

    @Test("the flag counts before the variable, that before the file, and that before the default")
    func precedence() throws {
        let file = try file("log: {level: error, format: json}\nworkers: 2\nevidenceAge: 1s\n")
        let layers = try ConfigurationLayers(
            flags: ["log.level": ["trace"]],
            environment: ["VIGIL_LOG_LEVEL": "debug", "VIGIL_WORKERS": "3"]
        )
        let result = try layers.over(file)
        #expect(result.configuration.logLevel == .trace && result.origin(of: .logLevel) == "--log-level")
        #expect(result.configuration.workers == 3 && result.origin(of: .workers) == "VIGIL_WORKERS")
        #expect(result.configuration.logFormat == .json && result.origin(of: .logFormat) == "config.yaml:1")
        #expect(result.configuration.evidenceAge == .seconds(1) && result.origin(of: .evidenceAge) == "config.yaml:3")
        #expect(result.configuration.leaseName == "vigil" && result.origin(of: .leaseName) == "default")
    }

    @Test("lists are taken from one place whole; a variable separates them by commas")
    func lists() throws {
        let file = try file("registry: {plainHTTP: [a, b]}")
        let layers = try ConfigurationLayers(environment: ["VIGIL_PLAIN_HTTP_REGISTRY": "c:1, d:2,"])
        #expect(try layers.over(file).configuration.plainHTTPRegistries == ["c:1", "d:2"])
        let flags = try ConfigurationLayers(flags: ["registry.plainHTTP": ["e", "f"]])
        #expect(try flags.over(file).configuration.plainHTTPRegistries == ["e", "f"])
    }

    @Test("an empty variable is as good as none")
    func emptyVariable() throws {
        let layers = try ConfigurationLayers(environment: ["VIGIL_LOG_LEVEL": ""])
        #expect(try layers.over(file("log: {level: error}")).configuration.logLevel == .error)
    }

    @Test("variables of every setting are called as its flag, and read by its rules")
    func variables() throws {
        #expect(Setting.plainHTTPRegistries.variable == "VIGIL_PLAIN_HTTP_REGISTRY")
        #expect(
            problems(environment: ["VIGIL_WORKERS": "0"]) == [
                "VIGIL_WORKERS: is 0, expected a whole number from 1 to 256"
            ]
        )
        #expect(
            problems(environment: ["VIGIL_LEADER_ELECTION": "maybe"]).first?.hasPrefix("VIGIL_LEADER_ELECTION: ")
                == true
        )
        let layers = try ConfigurationLayers(environment: ["VIGIL_LEADER_ELECTION": "False", "VIGIL_IDENTITY": "a"])
        let configuration = try layers.over(nil).configuration
        #expect(!configuration.electsLeader && configuration.identity == "a")
    }

    @Test("a variable with the prefix that is no setting is refused")
    func unknownVariable() {
        let found = problems(environment: ["VIGIL_LOGLEVEL": "debug", "OTHER": "x"])
        #expect(
            found.count == 1
                && found.first?.contains("VIGIL_LOGLEVEL: is no setting (did you mean VIGIL_LOG_LEVEL?)") == true
        )
        #expect(problems(environment: ["VIGIL_CONFIG": "/x", "VIGIL_CONFIG_MAP": "y"]) == [])
    }

    @Test(
        "what Kubernetes sets for Services that are called vigil is nobody's mistake",
        arguments: [
            "VIGIL_SERVICE_HOST", "VIGIL_SERVICE_PORT", "VIGIL_SERVICE_PORT_HTTP", "VIGIL_PORT", "VIGIL_PORT_9581_TCP",
            "VIGIL_PORT_9581_TCP_ADDR", "VIGIL_PORT_9581_TCP_PORT", "VIGIL_PORT_9581_TCP_PROTO",
            "VIGIL_METRICS_PORT_53_UDP_ADDR", "VIGIL_LOG_SERVICE_HOST",
        ]
    )
    func serviceLinks(_ name: String) {
        #expect(problems(environment: [name: "tcp://10.0.0.1:9581"]) == [])
        #expect(!Setting.all.contains { ConfigurationLayers.isServiceLink($0.variable) })
    }

    @Test("what only looks like one is refused", arguments: ["VIGIL_PORTS", "VIGIL_PORT_X_TCP", "VIGIL_PORT_1_ICMP"])
    func noServiceLinks(_ name: String) { #expect(problems(environment: [name: "x"]).count == 1) }

    @Test("settings that contradict each other are told where one of them was written")
    func contradictions() throws {
        #expect(
            problems(flags: ["leaderElection.leaseDuration": ["5s"]]).first?
                .hasPrefix("--lease-duration, --renew-deadline, --retry-period: the lease duration") == true
        )
        #expect(
            problems(environment: ["VIGIL_RENEW_DEADLINE": "20s"]).first?.hasPrefix("VIGIL_RENEW_DEADLINE: ") == true
        )
        let layers = try ConfigurationLayers(flags: ["leaderElection.renewDeadline": ["12s"]])
        #expect(throws: ConfigurationProblems.self) {
            try layers.over(file("leaderElection: {leaseDuration: 11s}"))
        }
    }
}
