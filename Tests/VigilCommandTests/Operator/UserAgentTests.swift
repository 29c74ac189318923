import Testing

@testable import VigilCommand

@Suite("The operator's User-Agent")
struct UserAgentTests {
    @Test("names the program first, which servers show as the writer of a field, and the replica behind it")
    func named() {
        let agent = OperatorApplication.userAgent(identity: "vigil-7c9_2f.local")
        #expect(agent == "vigil/\(VersionCommand.version) (vigil-7c9_2f.local)")
    }

    @Test("holds no byte that a header cannot hold, and is bounded")
    func hostile() {
        let agent = OperatorApplication.userAgent(identity: "a b\r\nX-Evil: (ü)" + String(repeating: "x", count: 500))
        #expect(agent.hasPrefix("vigil/\(VersionCommand.version) (a_b__X-Evil____"))
        #expect(agent.utf8.allSatisfy { (0x20..<0x7F).contains($0) } && agent.utf8.count < 200)
    }
}
