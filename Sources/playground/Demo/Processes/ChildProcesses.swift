import Foundation
import Subprocess
import SystemPackage

/// Starts long-running programs, and ends every one of them whichever way the demo ends.
struct ChildProcesses: Sendable {
    private struct Launch: Sendable {
        let child: RunningChild
        let configuration: Configuration
        /// Takes the lines of the standard output; without it they go to the log.
        var consume: (@Sendable (String) async -> Void)?
    }

    private let launches: AsyncStream<Launch>.Continuation

    /// Runs `body`, which may start programs, and ends them all before it returns or throws.
    ///
    /// - Throws: what `body` throws, or ``DemoError`` when a program ends that nobody asked to; `body` is cancelled
    ///   then.
    static func supervised<Value: Sendable>(
        recordingIn record: ProcessRecord,
        _ body: @escaping @Sendable (ChildProcesses) async throws -> Value
    ) async throws -> Value {
        let (launches, continuation) = AsyncStream.makeStream(of: Launch.self, bufferingPolicy: .bufferingNewest(32))
        let failure = Promise<DemoError>()
        return try await withThrowingTaskGroup(of: Value?.self) { group in
            group.addTask {
                await withDiscardingTaskGroup { children in
                    for await launch in launches {
                        children.addTask {
                            do throws(DemoError) { try await run(launch, record) } catch { failure.fulfil(error) }
                        }
                    }
                }
                return nil
            }
            group.addTask { throw try await failure.value() }
            group.addTask { try await body(ChildProcesses(launches: continuation)) }
            defer {
                continuation.finish()
                group.cancelAll()
            }
            while let value = try await group.next() {
                if let value { return value }
            }
            throw CancellationError()
        }
    }

    /// Starts a program whose output goes to a log of its name; returns once it runs.
    func start(_ name: String, _ configuration: Configuration, in folder: DemoFolder) async throws -> RunningChild {
        let child = RunningChild(name: name, folder: folder)
        launches.yield(Launch(child: child, configuration: configuration))
        _ = try await child.process.value()
        return child
    }

    /// Starts a program whose standard output is taken line by line as it is written; its errors go to a log.
    func follow(
        _ name: String,
        _ configuration: Configuration,
        in folder: DemoFolder,
        _ consume: @escaping @Sendable (String) async -> Void
    ) async throws -> RunningChild {
        let child = RunningChild(name: name, folder: folder)
        launches.yield(Launch(child: child, configuration: configuration, consume: consume))
        _ = try await child.process.value()
        return child
    }

    private static func run(_ launch: Launch, _ record: ProcessRecord) async throws(DemoError) {
        let child = launch.child
        let log: FileDescriptor
        do {
            log = try FileDescriptor.open(
                "\(child.folder.logs)/\(child.name).log",
                .writeOnly,
                options: [.create, .append],
                permissions: [.ownerReadWrite, .groupRead, .otherRead]
            )
        } catch {
            throw DemoError(.childEnded, "\(child.name) could not be started: its log cannot be written (\(error)).")
        }
        let how: String
        do {
            how = try await run(launch, log: log, record).description
        } catch {
            how = "\(error)"
        }
        // What it started itself and did not end.
        if let group = child.process.current { _ = kill(-group, SIGKILL) }
        child.ended.fulfil(how)
        guard child.mayEnd || Task.isCancelled else { throw child.unexpectedEnd(how) }
    }

    private static func run(
        _ launch: Launch,
        log: FileDescriptor,
        _ record: ProcessRecord
    ) async throws -> TerminationStatus {
        func isRunning(_ process: ProcessIdentifier) {
            record.add(process.value)
            launch.child.process.fulfil(process.value)
        }
        guard let consume = launch.consume else {
            return try await Subprocess.run(
                launch.configuration,
                input: .none,
                output: .fileDescriptor(log, closeAfterSpawningProcess: true),
                error: .combinedWithOutput
            ) { isRunning($0.processIdentifier) }.terminationStatus
        }
        return try await Subprocess.run(
            launch.configuration,
            input: .none,
            output: .sequence,
            error: .fileDescriptor(log, closeAfterSpawningProcess: true)
        ) { execution in
            isRunning(execution.processIdentifier)
            for try await line in execution.standardOutput.strings() { await consume(line) }
        }.terminationStatus
    }
}
