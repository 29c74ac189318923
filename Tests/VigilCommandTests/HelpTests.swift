import Testing

@testable import VigilCommand

/// What the program says of itself.
@Suite("Help and version") struct HelpTests {
    @Test("help and version go to standard output with status 0")
    func helpAndVersion() async {
        for (arguments, expected) in [
            (["--version"], "vigil 0."), (["--help"], "verify"), (["verify", "--help"], "EXIT STATUS"),
            (["help", "verify"], "EXAMPLES"),
            ([], "verify"),
        ] {
            let run = await CommandRun(arguments, in: CommandRun.Surroundings())
            #expect(run.status == 0)
            #expect(run.output.contains(expected))
            #expect(run.errors.isEmpty)
        }
        #expect(await CommandRun(["verfy"], in: CommandRun.Surroundings()).status == 2)
    }
}
