import Subprocess
import SystemPackage

/// How a credential program is started.
struct ExecPluginInvocation: Sendable, Hashable {
    var path: String
    var arguments: [String]
    var environment: [String: String]
    /// Whether it gets this process's standard input.
    var isInteractive: Bool
}

/// Why a credential program gave nothing.
enum ExecPluginFailure: Error, Sendable, Hashable {
    /// It could not be started.
    case notStarted(String)
    /// It ended with this status, or by this signal.
    case ended(String)
    /// It wrote more than is read.
    case tooMuchOutput
    /// It took longer than is waited for.
    case timedOut(Duration)
}

/// Runs credential programs.
protocol ExecPluginRunner: Sendable {
    /// What the program writes to its standard output.
    ///
    /// - Throws: ``ExecPluginFailure``; `CancellationError` when the task is cancelled, after the program was ended.
    func run(_ invocation: ExecPluginInvocation) async throws -> [UInt8]
}

/// Runs credential programs as child processes.
struct SubprocessPluginRunner: ExecPluginRunner {
    /// An answer is a token or a certificate with its key: a few KiB.
    static let maximumOutputBytes = 1 << 20

    let timeout: Duration
    let clock: any Clock<Duration>

    func run(_ invocation: ExecPluginInvocation) async throws -> [UInt8] {
        // A person needs longer than a program.
        let timeout = invocation.isInteractive ? timeout * 5 : timeout
        let clock = clock
        return try await withThrowingTaskGroup(of: [UInt8].self) { group in
            defer { group.cancelAll() }
            group.addTask { try await Self.output(of: invocation) }
            group.addTask {
                try await clock.sleep(for: timeout)
                throw ExecPluginFailure.timedOut(timeout)
            }
            guard let output = try await group.next() else { throw CancellationError() }
            return output
        }
    }

    private static func output(of invocation: ExecPluginInvocation) async throws -> [UInt8] {
        let configuration = Subprocess.Configuration(
            executable: .path(FilePath(invocation.path)),
            arguments: Arguments(invocation.arguments),
            environment: environment(invocation.environment),
            platformOptions: options(isInteractive: invocation.isInteractive)
        )
        do {
            // The program's complaints belong to the person or the log: its standard error is this process's.
            let limit = maximumOutputBytes
            if invocation.isInteractive {
                let result = try await Subprocess.run(
                    configuration,
                    input: .currentStandardInput,
                    output: .bytes(limit: limit),
                    error: .currentStandardError
                )
                return try output(result.standardOutput, result.terminationStatus)
            }
            let result = try await Subprocess.run(
                configuration,
                input: .none,
                output: .bytes(limit: limit),
                error: .currentStandardError
            )
            return try output(result.standardOutput, result.terminationStatus)
        } catch let error as SubprocessError {
            try Task.checkCancellation()
            if error.code == .outputLimitExceeded { throw ExecPluginFailure.tooMuchOutput }
            throw ExecPluginFailure.notStarted("\(error.underlyingError.map { "\($0)" } ?? "\(error.code)")")
        }
    }

    private static func output(_ bytes: [UInt8], _ status: TerminationStatus) throws -> [UInt8] {
        try Task.checkCancellation()
        switch status {
        case .exited(0): return bytes
        case .exited(let code): throw ExecPluginFailure.ended("status \(code)")
        case .signaled(let signal): throw ExecPluginFailure.ended("signal \(signal)")
        }
    }

    private static func environment(_ variables: [String: String]) -> Environment {
        var custom: [Environment.Key: String] = [:]
        for (name, value) in variables {
            if let key = Environment.Key(rawValue: name) { custom[key] = value }
        }
        return .custom(custom)
    }

    private static func options(isInteractive: Bool) -> PlatformOptions {
        var options = PlatformOptions()
        // With a group of its own a program is ended together with what it started; but only the terminal's group may
        // read from the terminal.
        if !isInteractive { options.processGroupID = 0 }
        options.teardownSequence = [
            .send(signal: .terminate, toProcessGroup: !isInteractive, allowedDurationToNextStep: .seconds(1))
        ]
        return options
    }
}
