import Testing
import TrustModel

@Suite struct VerificationLevelTests {
    @Test("levels lead to the actions of the trust policy specification")
    func matrix() {
        let table: [(VerificationLevel, [VerificationAction])] = [
            (.strict, [.enforce, .enforce, .enforce, .enforce, .enforce]),
            (.permissive, [.enforce, .enforce, .log, .log, .log]),
            (.audit, [.enforce, .log, .log, .log, .log]),
            (.skip, [.skip, .skip, .skip, .skip, .skip]),
        ]
        for (level, actions) in table {
            #expect(VerificationCheck.allCases.map { level.action(for: $0) } == actions)
        }
    }

    @Test("an override replaces single actions, never that of integrity and nothing at level skip")
    func overrides() {
        let audit = NotaryTrust(level: .audit, overrides: [.expiry: .enforce, .integrity: .skip])
        #expect(audit.action(for: .expiry) == .enforce)
        #expect(audit.action(for: .integrity) == .enforce)
        #expect(NotaryTrust(level: .skip, overrides: [.expiry: .enforce]).action(for: .expiry) == .skip)
    }
}
