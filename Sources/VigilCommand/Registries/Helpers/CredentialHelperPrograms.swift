import FoundationEssentials
import KubernetesClient
import OCIRegistry
import Subprocess
import SystemPackage
import WorkSharing

/// Credential helpers as child processes of the command line, found on the search path.
///
/// What one says of a server is asked once at a time and kept for a few minutes, so that judging many images runs it once.
final class CredentialHelperPrograms: CredentialHelpers {
    private struct Question: Hashable, Sendable {
        let name: String
        let server: String
    }

    /// How long a program may take: a person may have to unlock a keychain.
    static let timeout: Duration = .seconds(60)
    /// How long an answer is kept, in seconds.
    static let life: Double = 300

    private let variables: [String: String]
    private let clock: any Clock<Duration>
    private let outputs: ExpiringValues<Question, CredentialHelperOutput, CredentialHelperFailure>
    private let now: @Sendable () -> Date

    /// Runs nothing yet.
    ///
    /// - Parameters:
    ///   - variables: the environment of the programs; its `PATH` is searched.
    ///   - clock: measures how long they take.
    ///   - now: the present.
    init(variables: [String: String], clock: any Clock<Duration>, now: @escaping @Sendable () -> Date) {
        self.variables = variables
        self.clock = clock
        self.now = now
        outputs = ExpiringValues(capacity: 64, now: now)
    }

    func output(of name: String, server: String) async throws(CredentialHelperFailure) -> CredentialHelperOutput {
        guard CredentialHelper.isName(name) else { throw CredentialHelperFailure("is no name of a program") }
        let program = CredentialHelper.prefix + name
        guard let path = ProgramSearch.find(program, searchPath: variables["PATH"]) else {
            throw CredentialHelperFailure("is not on PATH; install it, or put the credentials into auths")
        }
        return try await outputs.value(
            Question(name: name, server: server),
            cancelled: CredentialHelperFailure("was not run: cancelled", isCancellation: true)
        ) { () async throws(CredentialHelperFailure) in
            let output = try await limited(path, server)
            return .init(output, until: now().addingTimeInterval(Self.life))
        }
    }

    /// Runs a program within the time limit.
    private func limited(
        _ path: String,
        _ server: String
    ) async throws(CredentialHelperFailure) -> CredentialHelperOutput {
        let (clock, variables) = (clock, variables)
        do {
            return try await withThrowingTaskGroup(of: CredentialHelperOutput.self) { group in
                defer { group.cancelAll() }
                group.addTask { try await Self.run(path, server, variables) }
                group.addTask {
                    try await clock.sleep(for: Self.timeout)
                    throw CredentialHelperFailure("took longer than \(Self.timeout)")
                }
                guard let output = try await group.next() else { throw CancellationError() }
                return output
            }
        } catch let failure as CredentialHelperFailure {
            throw failure
        } catch {
            throw CredentialHelperFailure("was ended: cancelled", isCancellation: true)
        }
    }

    /// An end of a pipe that already holds the server's name.
    ///
    /// Writing while the program runs would end this process too where the program ends without reading (SIGPIPE); a name
    /// is far smaller than what a pipe holds.
    private static func input(_ server: String) throws -> FileDescriptor {
        let pipe = try FileDescriptor.pipe()
        do {
            try pipe.writeEnd.closeAfter { _ = try pipe.writeEnd.writeAll(server.utf8) }
        } catch {
            try? pipe.readEnd.close()
            throw CredentialHelperFailure("could not be asked (\(error))")
        }
        return pipe.readEnd
    }

    private static func run(
        _ path: String,
        _ server: String,
        _ variables: [String: String]
    ) async throws -> CredentialHelperOutput {
        var environment: [Environment.Key: String] = [:]
        for (name, value) in variables {
            if let key = Environment.Key(rawValue: name) { environment[key] = value }
        }
        var options = PlatformOptions()
        options.teardownSequence = [.send(signal: .terminate, allowedDurationToNextStep: .seconds(1))]
        do {
            // What the program complains about is for the person: its standard error is this process's.
            let result = try await Subprocess.run(
                .path(FilePath(path)),
                arguments: ["get"],
                environment: .custom(environment),
                platformOptions: options,
                input: .fileDescriptor(try input(server), closeAfterSpawningProcess: true),
                output: .bytes(limit: CredentialHelper.maximumBytes),
                error: .currentStandardError
            )
            try Task.checkCancellation()
            switch result.terminationStatus {
            case .exited(let status):
                return CredentialHelperOutput(succeeded: status == 0, bytes: result.standardOutput)
            case .signaled(let signal): throw CredentialHelperFailure("was ended by signal \(signal)")
            }
        } catch let error as SubprocessError {
            try Task.checkCancellation()
            if error.code == .outputLimitExceeded {
                throw CredentialHelperFailure("wrote more than \(CredentialHelper.maximumBytes) bytes")
            }
            throw CredentialHelperFailure("could not be run (\(error.code))")
        }
    }
}
