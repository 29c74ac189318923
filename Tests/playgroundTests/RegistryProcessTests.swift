import Testing

@testable import playground

@Suite("The registry's address")
struct RegistryProcessTests {
    @Test("is read from the log once its line is complete")
    func address() {
        #expect(RegistryProcess.address(inLog: "") == nil)
        #expect(RegistryProcess.address(inLog: "level=info msg=\"starting\"\n") == nil)
        #expect(RegistryProcess.address(inLog: "msg=\"listening on 127.0.0.1:45") == nil)
        #expect(RegistryProcess.address(inLog: "msg=\"listening on 127.0.0.1:\"") == nil)
        #expect(RegistryProcess.address(inLog: "msg=\"listening on 127.0.0.1:4567\" go=1\n") == "127.0.0.1:4567")
    }
}
