import OutboundHTTP
import Testing

@Suite("IP addresses")
struct IPAddressTests {
    @Test(
        "canonical literals are read",
        arguments: [
            ("127.0.0.1", IPAddress.v4(0x7f00_0001)), ("255.255.255.255", .v4(0xffff_ffff)),
            ("::", .v6(0, 0)), ("::1", .v6(0, 1)),
            ("2001:db8::8:800:200c:417a", .v6(0x2001_0db8_0000_0000, 0x8_0800_200c_417a)),
            ("::ffff:10.0.0.1", .v6(0, 0xffff_0a00_0001)),
            ("1:2:3:4:5:6:7:8", .v6(0x1_0002_0003_0004, 0x5_0006_0007_0008)),
            ("fe80::", .v6(0xfe80_0000_0000_0000, 0)),
        ]
    )
    func canonical(text: String, address: IPAddress) {
        #expect(IPAddress(text) == address)
    }

    @Test(
        "everything else is refused, also what inet_aton would take",
        arguments: [
            "", "127.1", "2130706433", "0x7f.0.0.1", "0177.0.0.1", "01.2.3.4", "1.2.3", "1.2.3.4.5", "256.1.1.1",
            "1.2.3.-4",
            "1..2.3", ":", ":::", "1::2::3", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "::12345", "fe80::1%eth0",
            "1.2.3.4::",
            "::1.2.3", "g::", "[::1]", "1:2:3:4:5:6:7:8::", " 1.2.3.4", "１.2.3.4",
        ]
    )
    func malformed(text: String) {
        #expect(IPAddress(text) == nil)
    }

    @Test(
        "internal addresses are told from public ones",
        arguments: [
            ("127.0.0.1", true), ("127.8.8.8", true), ("0.0.0.0", true), ("10.1.2.3", true), ("172.16.0.1", true),
            ("172.31.255.255", true), ("172.32.0.1", false), ("172.15.0.1", false), ("192.168.1.1", true),
            ("169.254.169.254", true),
            ("100.64.0.1", true), ("100.128.0.1", false), ("224.0.0.1", true), ("255.255.255.255", true),
            ("8.8.8.8", false),
            ("::1", true), ("::", true), ("fe80::1", true), ("fc00::1", true), ("fdab::1", true), ("ff02::1", true),
            ("::ffff:169.254.169.254", true), ("64:ff9b::10.0.0.1", true), ("64:ff9b::8.8.8.8", false),
            ("2606:4700::1", false),
        ]
    )
    func scope(text: String, isInternal: Bool) throws {
        #expect(try #require(IPAddress(text)).isInternal == isInternal)
    }

    @Test(
        "CIDR blocks contain what they say",
        arguments: [
            ("10.0.0.0/8", "10.255.0.1", true), ("10.0.0.0/8", "11.0.0.1", false), ("0.0.0.0/0", "8.8.8.8", true),
            ("192.168.4.7/32", "192.168.4.7", true), ("192.168.4.7/32", "192.168.4.6", false),
            ("fd00::/8", "fd12::1", true),
            ("fd00::/8", "fe80::1", false), ("2001:db8::/65", "2001:db8::1", true),
            ("2001:db8::/65", "2001:db8:0:0:8000::1", false),
            ("10.0.0.0/8", "::ffff:10.1.1.1", true), ("::/0", "::1", true), ("::/0", "127.0.0.1", false),
        ]
    )
    func ranges(range: String, address: String, isInside: Bool) throws {
        #expect(try #require(NetworkRange(range)).contains(try #require(IPAddress(address))) == isInside)
    }

    @Test(
        "malformed CIDR blocks are refused",
        arguments: [
            "10.0.0.0", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/", "/8", "10.0.0.0/8/8", "::/129", "host/8",
            "10.0.0.0/+8",
        ]
    )
    func malformedRange(text: String) {
        #expect(NetworkRange(text) == nil)
    }
}
