import SigningFormats
import Testing

@Suite("Base64")
struct Base64Tests {
    @Test(
        "base64url decodes without padding",
        arguments: [("", []), ("AA", [0]), ("-_8", [0xFB, 0xFF]), ("AAAA", [0, 0, 0])]
    )
    func url(text: String, bytes: [UInt8]) {
        #expect(Base64.decodeURL(text) == bytes)
    }

    @Test(
        "base64url refuses padding, the standard alphabet, white space, stray bits and impossible lengths",
        arguments: ["AA==", "+/8", "A", "AAAAA", "AA\n", " AA", "AB", "AAB", "A%A", "é", "AA\0"]
    )
    func urlRefused(text: String) {
        #expect(Base64.decodeURL(text) == nil)
    }

    @Test("Standard base64 decodes with padding", arguments: [("", []), ("AA==", [0]), ("+/8=", [0xFB, 0xFF])])
    func standard(text: String, bytes: [UInt8]) {
        #expect(Base64.decodeStandard(text) == bytes)
    }

    @Test(
        "Standard base64 refuses everything that is not canonical",
        arguments: ["AA", "AAA", "AA=", "AA===", "A===", "====", "=AAA", "AA==AA==", "-_8=", "AB==", "AAB=", "AA==\n"]
    )
    func standardRefused(text: String) {
        #expect(Base64.decodeStandard(text) == nil)
    }
}
