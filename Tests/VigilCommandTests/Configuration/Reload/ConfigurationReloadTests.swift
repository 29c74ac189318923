import Foundation
import Logging
import Testing

@testable import VigilCommand

/// What is taken, what is refused, and what waits for a restart.
@Suite("The configuration of a running operator")
struct ConfigurationReloadTests {
    private static let start = Date(timeIntervalSince1970: 1000)
    private static let later = Date(timeIntervalSince1970: 2000)

    private static func read(_ change: (inout OperatorConfiguration) -> Void = { _ in }) -> ReadConfiguration {
        var configuration = OperatorConfiguration()
        change(&configuration)
        return ReadConfiguration(configuration: configuration)
    }

    private static func mistake(_ text: String = "is wrong") -> ConfigurationProblems {
        ConfigurationProblems([ConfigurationProblem(.variable("VIGIL_X"), text)])
    }

    @Test("what is as it was is nothing new")
    func nothing() {
        var reload = ConfigurationReload(Self.read(), at: Self.start)
        #expect(reload.look(.success(Self.read()), at: Self.later) == nil)
        #expect(reload.lastSuccess == Self.start && reload.problems == nil)
    }

    @Test("a change of live settings is put into force as a whole, once")
    func live() {
        var reload = ConfigurationReload(Self.read(), at: Self.start)
        let next = Self.read {
            $0.logLevel = .debug
            $0.evidenceAge = .zero
        }
        #expect(reload.look(.success(next), at: Self.later) == .apply(next))
        #expect(reload.inForce == Self.read(), "not before it is applied")
        #expect(reload.applied(at: Self.later) == .taken(changed: ["log.level", "evidenceAge"], awaitingRestart: []))
        #expect(reload.inForce == next && reload.lastSuccess == Self.later)
        #expect(reload.look(.success(next), at: Self.later) == nil)
    }

    @Test("a mistake is told once, and changes nothing; another mistake is told again")
    func refused() {
        var reload = ConfigurationReload(Self.read(), at: Self.start)
        #expect(reload.look(.failure(Self.mistake()), at: Self.later) == .tell(.refused(Self.mistake())))
        #expect(reload.look(.failure(Self.mistake()), at: Self.later) == nil)
        #expect(reload.look(.failure(Self.mistake("again")), at: Self.later) == .tell(.refused(Self.mistake("again"))))
        #expect(reload.inForce == Self.read() && reload.lastSuccess == Self.start)
        #expect(reload.problems == Self.mistake("again"))
    }

    @Test("what was there before the mistake is taken without being applied again")
    func mended() {
        var reload = ConfigurationReload(Self.read(), at: Self.start)
        _ = reload.look(.failure(Self.mistake()), at: Self.start)
        #expect(
            reload.look(.success(Self.read()), at: Self.later) == .tell(.taken(changed: [], awaitingRestart: []))
        )
        #expect(reload.problems == nil && reload.lastSuccess == Self.later)
    }

    @Test("what follows a mistake is applied as any change is")
    func mendedOtherwise() {
        var reload = ConfigurationReload(Self.read(), at: Self.start)
        _ = reload.look(.failure(Self.mistake()), at: Self.start)
        let next = Self.read { $0.logLevel = .error }
        #expect(reload.look(.success(next), at: Self.later) == .apply(next))
        #expect(reload.problems != nil, "it may fail yet")
        _ = reload.applied(at: Self.later)
        #expect(reload.problems == nil && reload.inForce == next)
    }

    @Test("what cannot be applied is refused, not tried again, and gives way to what was before")
    func failed() {
        var reload = ConfigurationReload(Self.read(), at: Self.start)
        let next = Self.read { $0.plainHTTPRegistries = ["localhost:5000"] }
        #expect(reload.look(.success(next), at: Self.later) == .apply(next))
        #expect(reload.failed(Self.mistake()) == .refused(Self.mistake()))
        #expect(reload.inForce == Self.read() && reload.problems == Self.mistake())
        #expect(reload.look(.success(next), at: Self.later) == nil)
        #expect(reload.look(.success(Self.read()), at: Self.later) == .tell(.taken(changed: [], awaitingRestart: [])))
    }

    @Test("a certificate is taken from the files that were named at the start, not from others that wait for a restart")
    func servingFiles() {
        func read(_ name: String, _ content: String) -> ReadConfiguration {
            var read = Self.read {
                $0.tlsCertificateFile = "/tls/\(name).crt"
                $0.tlsKeyFile = "/tls/\(name).key"
            }
            read.serving = ReadConfiguration.ServingFiles(certificate: Array(content.utf8), key: Array(content.utf8))
            return read
        }
        let names = ["endpoints.tlsCertificateFile", "endpoints.tlsKeyFile"]
        var reload = ConfigurationReload(read("a", "1"), at: Self.start)
        let moved = reload.look(.success(read("b", "2")), at: Self.later)
        #expect(moved == .tell(.taken(changed: [], awaitingRestart: names)))
        #expect(reload.inForce == read("a", "1"))
        #expect(reload.look(.success(read("a", "3")), at: Self.later) == .apply(read("a", "3")))
        #expect(reload.applied(at: Self.later) == .taken(changed: names, awaitingRestart: []))
        #expect(reload.inForce == read("a", "3"))
    }

    @Test("a setting that waits for a restart stays as it was at the start, and is named until it is so again")
    func restart() {
        var reload = ConfigurationReload(Self.read(), at: Self.start)
        let workers = Self.read { $0.workers = 8 }
        #expect(
            reload.look(.success(workers), at: Self.later) == .tell(.taken(changed: [], awaitingRestart: ["workers"]))
        )
        #expect(reload.inForce.configuration.workers == 32 && reload.awaitingRestart == ["workers"])
        let both = Self.read {
            $0.workers = 8
            $0.logLevel = .debug
        }
        let applied = Self.read { $0.logLevel = .debug }
        #expect(reload.look(.success(both), at: Self.later) == .apply(applied))
        #expect(reload.applied(at: Self.later) == .taken(changed: ["log.level"], awaitingRestart: ["workers"]))
        _ = reload.look(.failure(Self.mistake()), at: Self.later)
        #expect(reload.awaitingRestart == ["workers"], "a mistake takes nothing back")
        #expect(
            reload.look(.success(applied), at: Self.later) == .tell(.taken(changed: [], awaitingRestart: []))
        )
        #expect(reload.awaitingRestart == [])
    }

    @Test("every setting is live or waits for a restart, and none is both", arguments: Setting.all.map(\.key))
    func everySetting(_ key: String) throws {
        let setting = try #require(Setting.byKey[key])
        let other: SettingValue =
            switch setting.kind {
            case .toggle: .toggle(setting.value(OperatorConfiguration()) == .toggle(false))
            case .integer(let range): .integer(range.lowerBound)
            case .number(let range): .number(range.upperBound)
            case .duration: .duration(.seconds(12))
            case .choice(let words): .text(words.last ?? "")
            case .text: .text("other")
            case .list: .texts(["other"])
            }
        let next = Self.read { setting.assign(other, &$0) }
        try #require(next != Self.read(), "the value is another")
        var reload = ConfigurationReload(Self.read(), at: Self.start)
        let step = reload.look(.success(next), at: Self.later)
        if setting.effect == .live {
            #expect(step == .apply(next))
        } else {
            #expect(step == .tell(.taken(changed: [], awaitingRestart: [key])))
        }
    }

    @Test("a named file that changes is a change, though its name stays")
    func files() {
        var first = Self.read { $0.registryCredentialsFile = "/config.json" }
        first.credentials = [1]
        var second = first
        second.credentials = [2]
        var reload = ConfigurationReload(first, at: Self.start)
        #expect(reload.look(.success(second), at: Self.later) == .apply(second))
        #expect(reload.applied(at: Self.later) == .taken(changed: ["registry.credentialsFile"], awaitingRestart: []))
        #expect(second.asksRegistriesOtherwise(than: first) && !first.asksRegistriesOtherwise(than: first))
        let level = Self.read { $0.logLevel = .error }
        #expect(!level.asksRegistriesOtherwise(than: Self.read()))
    }
}
