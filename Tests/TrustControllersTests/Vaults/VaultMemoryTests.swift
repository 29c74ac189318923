import FoundationEssentials
import Testing
import TrustResources

@testable import TrustControllers

/// What counts of a vault, and when it is read again.
struct VaultMemoryTests {
    private let start = Date(timeIntervalSince1970: 1_780_272_000)
    private let source = KeyVaultSource(vaultURI: "https://shop.vault.azure.net", name: "wabbit")
    private let good = VaultMemory.Outcome.read([1, 2, 3], warnings: ["a warning"])
    private let found = CertificateLookup.found([1, 2, 3], CertificateRemarks(warnings: ["a warning"]))

    private func date(_ seconds: Double) -> Date { start.addingTimeInterval(seconds) }

    @Test("a reading holds for five minutes, and then is made again")
    func refresh() {
        var memory = VaultMemory()
        #expect(memory.known(source, now: start) == nil)
        #expect(memory.take(good, of: source, now: start) == found)
        #expect(memory.known(source, now: date(299)) == found)
        #expect(memory.known(source, now: date(300)) == nil)
    }

    @Test("a clock that is put back makes no reading hold for longer than the longest pause")
    func clockPutBack() {
        var memory = VaultMemory()
        _ = memory.take(good, of: source, now: start)
        #expect(memory.known(source, now: date(-60)) == found)
        #expect(memory.known(source, now: date(-86_400)) == nil)
        #expect(memory.take(good, of: source, now: date(-86_400)) == found)
        #expect(memory.known(source, now: date(-86_400 + 299)) == found)
    }

    @Test("while a vault cannot be read the last reading counts, with its age and the cause, for 72 hours")
    func outage() {
        var memory = VaultMemory()
        _ = memory.take(good, of: source, now: start)
        let failed = VaultMemory.Outcome.failed("no answer", retryAfter: nil)
        let held = memory.take(failed, of: source, now: date(300))
        let expected = CertificateOutage(readAt: start, until: date(72 * 3600), cause: "no answer")
        #expect(held == .found([1, 2, 3], CertificateRemarks(warnings: ["a warning"], outage: expected)))
        #expect(memory.take(failed, of: source, now: date(72 * 3600 - 1)) == held)
        guard case .unavailable(let why) = memory.take(failed, of: source, now: date(72 * 3600)) else {
            Issue.record("the reading still counts")
            return
        }
        #expect(why == "could not be read for 72 hours and no longer counts: no answer")
        #expect(memory.take(good, of: source, now: date(80 * 3600)) == found, "it recovers by itself")
    }

    @Test("a vault that was never read is unavailable, which is no verdict about anything")
    func neverRead() {
        var memory = VaultMemory()
        let lookup = memory.take(.failed("no answer", retryAfter: nil), of: source, now: start)
        #expect(lookup == .unavailable("cannot be read: no answer"))
    }

    @Test(
        "after failures the pauses grow from 30 s to five minutes, or are as long as the vault asks for, up to an hour"
    )
    func pauses() {
        var memory = VaultMemory()
        var now = start
        for pause in [30.0, 60, 120, 240, 300, 300] {
            _ = memory.take(.failed("no answer", retryAfter: nil), of: source, now: now)
            #expect(memory.known(source, now: now.addingTimeInterval(pause - 1)) != nil)
            now += pause
            #expect(memory.known(source, now: now) == nil)
        }
        for (asked, pause) in [(600, 600.0), (86_400, 3600)] {
            _ = memory.take(.failed("throttled", retryAfter: .seconds(asked)), of: source, now: now)
            #expect(memory.known(source, now: now.addingTimeInterval(pause - 1)) != nil)
            #expect(memory.known(source, now: now.addingTimeInterval(pause)) == nil)
        }
    }

    @Test("what the vault says is gone does not count any more, also not during a later outage")
    func absent() {
        for lookup in [CertificateLookup.refused("has no enabled version"), .unavailable("does not exist")] {
            var memory = VaultMemory()
            _ = memory.take(good, of: source, now: start)
            #expect(memory.take(.absent(lookup), of: source, now: date(300)) == lookup)
            let failed = VaultMemory.Outcome.failed("no answer", retryAfter: nil)
            #expect(memory.take(failed, of: source, now: date(600)) == .unavailable("cannot be read: no answer"))
        }
    }

    @Test("256 certificates are remembered; the one that nobody wanted for longest is forgotten")
    func capacity() {
        var memory = VaultMemory()
        for index in 0...256 {
            let other = KeyVaultSource(vaultURI: "https://shop.vault.azure.net", name: "c\(index)")
            _ = memory.take(good, of: other, now: date(Double(index) / 10))
        }
        #expect(memory.count == 256)
        let first = KeyVaultSource(vaultURI: "https://shop.vault.azure.net", name: "c0")
        #expect(memory.known(first, now: date(30)) == nil)
        let last = KeyVaultSource(vaultURI: "https://shop.vault.azure.net", name: "c256")
        #expect(memory.known(last, now: date(30)) != nil)
    }
}
