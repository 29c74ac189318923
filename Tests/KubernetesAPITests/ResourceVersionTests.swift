import KubernetesAPI
import Testing

@Suite("Resource versions")
struct ResourceVersionTests {
    @Test("are ordered as numbers, however long")
    func order() throws {
        let sorted = ["1", "9", "10", "99", "100", "18446744073709551616", "18446744073709551617"]
        let versions = try sorted.map { try #require(ResourceVersion($0)) }
        for (index, version) in versions.enumerated() {
            for (other, later) in versions.enumerated() {
                #expect((version < later) == (index < other))
                #expect((version == later) == (index == other))
            }
        }
        #expect(versions.map(\.description) == sorted)
    }

    @Test("that cannot be compared are refused", arguments: ["", "0", "007", "-1", "+1", "1a", " 1", "1 ", "1.0", "١"])
    func malformed(_ text: String) { #expect(ResourceVersion(text) == nil) }
}
