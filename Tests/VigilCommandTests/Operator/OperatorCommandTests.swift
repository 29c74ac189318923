import ArgumentParser
import KubernetesAPI
import KubernetesRuntime
import Testing

@testable import VigilCommand

@Suite("Flags of the operator")
struct OperatorCommandTests {
    private static let pace = "--lease-duration, --renew-deadline, --retry-period"

    @Test(
        "what is out of bounds is refused by a sentence that names the flag",
        arguments: [
            (["--kube-api-qps=-1"], "--kube-api-qps: is -1, expected a number from 0 to 100000"),
            (["--kube-api-qps", "100001"], "--kube-api-qps: is 100001, expected a number"),
            (["--kube-api-qps", "nan"], "--kube-api-qps: is nan, expected a number"),
            (["--kube-api-burst", "0"], "--kube-api-burst: is 0, expected a whole number from 1 to 100000"),
            (["--kube-api-burst", "100001"], "--kube-api-burst: is 100001"),
            (["--workers", "0"], "--workers: is 0, expected a whole number from 1 to 256"),
            (["--workers", "257"], "--workers: is 257"), (["--workers", "many"], "--workers: is \"many\""),
            (["--health-address", "9581"], "--health-address: is \"9581\", expected host:port"),
            (["--log-level", "loud"], "--log-level: is \"loud\", expected one of trace, debug"),
            (["--evidence-age", "25h"], "--evidence-age: \"25h\" is out of bounds"),
            (["--revocation-allow-host", "http://x"], "--revocation-allow-host: is \"http://x\""),
            (["--lease-duration", "10s"], "\(pace): the lease duration"),
            (["--renew-deadline", "2s"], "must exceed 1.2 retry periods"),
            (["--renew-deadline", "ten"], "--renew-deadline: \"ten\""),
            (["--retry-period", "0s"], "--retry-period: \"0s\" is out of bounds"),
            (["--lease-duration", ""], "--lease-duration: is empty"),
        ]
    )
    func refused(_ arguments: [String], _ sentence: String) async {
        let run = await CommandRun(["operator"] + arguments, in: CommandRun.Surroundings())
        #expect(run.status == 2 && run.errors.contains(sentence), "\(run.errors)")
    }

    @Test("everything that is wrong is told at once, each on a line of its own")
    func several() async {
        let run = await CommandRun(
            ["operator", "--workers", "0", "--log-level", "loud"],
            in: CommandRun.Surroundings(variables: ["VIGIL_LOG_FORMAT": "xml"])
        )
        let lines = run.errors.split(separator: "\n")
        #expect(lines.count == 3 && lines.allSatisfy { $0.hasPrefix("vigil: ") }, "\(run.errors)")
    }

    @Test("a file that is not there, or is none, is refused at the start")
    func file() async throws {
        let folder = try TemporaryFolder()
        let missing = await CommandRun(["operator", "--config", "\(folder.path)/none.yaml"], in: .init())
        #expect(
            missing.status == 2 && missing.errors.contains("/none.yaml: there is no such file"),
            "\(missing.errors)"
        )
        let directory = await CommandRun(["operator", "--config", folder.path], in: .init())
        #expect(directory.status == 2 && directory.errors.contains("is a folder"), "\(directory.errors)")
        let device = await CommandRun(["operator", "--config", "/dev/zero"], in: .init())
        #expect(device.status == 2 && device.errors.contains("is no regular file"), "\(device.errors)")
        let path = try folder.write("config.yaml", "log:\n  levle: debug\n")
        let typo = await CommandRun(["operator"], in: .init(variables: ["VIGIL_CONFIG": path]))
        #expect(typo.status == 2, "\(typo.errors)")
        #expect(
            typo.errors.contains(
                "\(path):2:3: log.levle: is no setting (did you mean level?); allowed here: format, level"
            )
        )
    }

    private func settings(_ arguments: [String]) throws -> OperatorSettings {
        let reader = try OperatorOptions.parse(arguments).reader(environment: [:])
        return try OperatorSettings(try reader.read(), environment: [:])
    }

    @Test("requests are limited only where a rate is given")
    func requestLimit() throws {
        func limit(_ arguments: [String]) throws -> RequestLimit? { try settings(arguments).requestLimit }
        #expect(try limit([]) == nil && limit(["--kube-api-qps", "0", "--kube-api-burst", "3"]) == nil)
        #expect(try limit(["--kube-api-qps", "2.5"]) == RequestLimit(perSecond: 2.5, burst: 10))
        #expect(
            try limit(["--kube-api-qps", "50", "--kube-api-burst", "100"]) == RequestLimit(perSecond: 50, burst: 100)
        )
    }

    @Test("a slow control plane can be given time")
    func slow() throws {
        let election = try settings([
            "--identity", "a", "--lease-duration", "2m17s", "--renew-deadline", "107s", "--retry-period", "26s",
        ]).election
        #expect(election.leaseDuration == .seconds(137) && election.renewDeadline == .seconds(107))
        #expect(election.retryPeriod == .seconds(26) && election.identity == "a")
    }

    @Test("without an election there is no Lease; otherwise one that can be named")
    func lease() throws {
        #expect(try settings(["--no-leader-election"]).lease == nil)
        let lease = try settings(["--lease-name", "other", "--lease-namespace", "shop"]).lease
        #expect(lease?.name == "other" && lease?.namespace == "shop")
    }

    @Test("every flag reaches its setting")
    func flags() throws {
        let values: [String: String] = [
            "log.level": "error", "log.format": "json", "watch.namespace": "shop", "workers": "7",
            "evidenceAge": "1m30s",
            "registry.plainHTTP": "localhost:5000", "registry.mirrors": "docker.io=mirror.local:5000/hub=both",
            "registry.hosts": "r.local;ca=/r.crt;proxy=direct", "registry.caFile": "/ca",
            "registry.credentialsFile": "/config",
            "revocation.allowHosts": "ocsp.internal:80", "azure.allowHosts": "vault.internal",
            "azure.managedIdentity": "true", "google.metadataServer": "true", "reports.policyReports": "true",
            "endpoints.requireToken": "true",
            "endpoints.tokenAudiences": "vigil", "endpoints.tlsCertificateFile": "/tls.crt",
            "endpoints.tlsKeyFile": "/tls.key",
            "metrics.kubeNotary": "true", "health.address": "127.0.0.1:1",
            "kubernetes.kubeconfig": "/kubeconfig", "kubernetes.context": "staging", "kubernetes.qps": "1.5",
            "kubernetes.burst": "3", "leaderElection.enabled": "false", "leaderElection.leaseNamespace": "home",
            "leaderElection.leaseName": "other", "leaderElection.leaseDuration": "1m",
            "leaderElection.renewDeadline": "40s", "leaderElection.retryPeriod": "5s", "leaderElection.identity": "me",
        ]
        #expect(Set(values.keys) == Set(Setting.all.map(\.key)))
        var arguments: [String] = []
        for setting in Setting.all {
            let value = try #require(values[setting.key])
            if setting.kind == .toggle {
                arguments.append(value == "true" ? "--\(setting.flag)" : "--no-\(setting.flag)")
            } else {
                arguments += ["--\(setting.flag)", value]
            }
        }
        let result = try OperatorOptions.parse(arguments).reader(environment: [:]).layered()
        for setting in Setting.all {
            #expect(setting.value(result.configuration).text == values[setting.key], "\(setting.key)")
            #expect(result.origins[setting.key] == .flag)
        }
    }
}
