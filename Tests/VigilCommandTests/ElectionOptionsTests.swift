import KubernetesRuntime
import Testing

@testable import VigilCommand

@Suite struct ElectionOptionsTests {
    @Test("a slow control plane can be given time")
    func slow() throws {
        let configuration = try ElectionOptions.configuration(
            identity: "a",
            leaseDuration: "2m17s",
            renewDeadline: "107s",
            retryPeriod: "26s"
        )
        #expect(configuration.leaseDuration == .seconds(137) && configuration.renewDeadline == .seconds(107))
        #expect(configuration.retryPeriod == .seconds(26) && configuration.identity == "a")
    }

    @Test(
        "what contradicts itself, or is no duration, is refused by a sentence that names the flag",
        arguments: [
            (["--lease-duration", "10s"], "--lease-duration, --renew-deadline, --retry-period: the lease duration"),
            (["--renew-deadline", "2s"], "must exceed 1.2 retry periods"),
            (["--renew-deadline", "ten"], "--renew-deadline: \"ten\""),
            (["--retry-period", "0s"], "--retry-period: \"0s\" is out of bounds"),
            (["--lease-duration", "25h"], "--lease-duration: \"25h\" is out of bounds"),
            (["--lease-duration", ""], "--lease-duration: is empty"),
        ]
    )
    func refused(_ arguments: [String], _ sentence: String) async {
        let run = await CommandRun(["operator"] + arguments, in: CommandRun.Surroundings())
        #expect(run.status == 2 && run.errors.contains(sentence), "\(run.errors)")
    }
}
