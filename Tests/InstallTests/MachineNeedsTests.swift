import TestDocuments
import Testing

/// What becomes of tests where the machine lacks something.
@Suite struct MachineNeedsTests {
    private static let nobody = "/nonexistent/tools"

    @Test("what is there is no reason to skip anything, whether or not it must be there", arguments: [false, true])
    func met(isRequired: Bool) throws {
        let needs = MachineNeeds(tools: ["env"], in: "/usr/bin", isRequired: isRequired)
        #expect(try needs.areMet && needs.reason.isEmpty, "\(needs.reason)")
    }

    @Test("what is missing is named, with what brings it")
    func missing() throws {
        let needs = MachineNeeds(tools: ["notation", "oras"], in: Self.nobody, isRequired: false)
        #expect(try !needs.areMet)
        #expect(
            needs.reason
                == "VIGIL_TOOLS names /nonexistent/tools, which lacks notation, oras: run hack/install-tools notation oras"
        )
        let unnamed = MachineNeeds(tools: ["notation"], in: nil, isRequired: false)
        #expect(try !unnamed.areMet && unnamed.reason.contains("names no folder with notation: run make test"))
    }

    @Test("what is missing where it must be there is an error with the same words")
    func required() {
        let needs = MachineNeeds(false, else: "there is no hammer: buy one", isRequired: true)
        let error = #expect(throws: MachineNeeds.Missing.self) { try needs.areMet }
        #expect(error?.description == "there is no hammer: buy one")
    }
}
