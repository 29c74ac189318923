import SigningTestKit
import Testing

@testable import playground

@Suite("What openssl speed says")
struct OpenSSLSpeedTests {
    @Test("the verifications of RSA and ECDSA are read, whatever stands around them")
    func reads() {
        let speed = OpenSSLSpeed(
            """
            +DTP:2048:private:rsa:1
            +R1:4015:2048:1.01
            version: 3.0.19
            +F2:2:2048:3970.967742:60606.451613
            +F2:9:512:1:2
            +F4:3:256:51378.125000:16774.193548
            +F4:5:521:1:x
            """
        )
        #expect(speed.rates == [.rsa2048: 60606.451613, .p256: 16774.193548])
    }
}
