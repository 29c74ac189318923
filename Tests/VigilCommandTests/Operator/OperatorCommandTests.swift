import ArgumentParser
import Testing

@testable import VigilCommand

@Suite("Flags of the operator")
struct OperatorCommandTests {
    @Test(
        "what is out of bounds is refused by a sentence that names the flag",
        arguments: [
            (["--kube-api-qps", "-1"], "--kube-api-qps"),
            (["--kube-api-qps", "100001"], "--kube-api-qps must be between"),
            (["--kube-api-qps", "nan"], "--kube-api-qps must be between"),
            (["--kube-api-qps", "5", "--kube-api-burst", "0"], "--kube-api-burst must be between"),
            (["--kube-api-burst", "100001"], "--kube-api-burst must be between"),
            (["--workers", "0"], "--workers must be between"), (["--workers", "257"], "--workers must be between"),
            (["--health-address", "9581"], "--health-address: \"9581\" is no host:port"),
        ]
    )
    func refused(_ arguments: [String], _ sentence: String) async {
        let run = await CommandRun(["operator"] + arguments, in: CommandRun.Surroundings())
        #expect(run.status == 2 && run.errors.contains(sentence), "\(run.errors)")
    }

    @Test("requests are limited only where a rate is given")
    func requestLimit() throws {
        func limit(_ arguments: [String]) throws -> RequestLimit? {
            try OperatorCommand.parse(arguments).settings(environment: [:]).requestLimit
        }
        #expect(try limit([]) == nil && limit(["--kube-api-qps", "0", "--kube-api-burst", "3"]) == nil)
        #expect(try limit(["--kube-api-qps", "2.5"]) == RequestLimit(perSecond: 2.5, burst: 10))
        #expect(
            try limit(["--kube-api-qps", "50", "--kube-api-burst", "100"]) == RequestLimit(perSecond: 50, burst: 100)
        )
    }
}
