import Foundation
import Testing

@testable import playground

@Suite("Child processes", .timeLimit(.minutes(5)))
struct ChildProcessesTests {
    private struct Surroundings {
        let folder: DemoFolder
        let record: ProcessRecord

        init() throws {
            let checkout = FileManager.default.temporaryDirectory.path + "/playground-\(UUID().uuidString)"
            folder = DemoFolder(checkout: checkout)
            record = ProcessRecord(folder: folder)
            try folder.prepare()
        }

        func remove() { try? FileManager.default.removeItem(atPath: folder.checkout) }

        /// Starts a shell that starts a child of its own, as a program with workers does.
        func startShell(_ children: ChildProcesses, _ script: String) async throws -> RunningChild {
            let configuration = Toolbox.configuration(
                executable: "/bin/sh",
                ["-c", script],
                environment: ["PATH": "/usr/bin:/bin"],
                workingDirectory: folder.path
            )
            return try await children.start("shell", configuration, in: folder)
        }
    }

    private static let patient = "sleep 300 & echo started; wait"

    /// Whether any process of the group is left.
    private func isAlive(_ group: pid_t) -> Bool { kill(-group, 0) == 0 }

    /// Whether the group goes away: a killed orphan counts until the system has taken note of its end.
    private func goesAway(_ group: pid_t) async -> Bool {
        let end = ContinuousClock.now + .seconds(10)
        while isAlive(group) {
            guard ContinuousClock.now < end else { return false }
            await Task.yield()
        }
        return true
    }

    @Test("end when the body returns, with what they started themselves")
    func endWithBody() async throws {
        let surroundings = try Surroundings()
        defer { surroundings.remove() }
        let group = try await ChildProcesses.supervised(recordingIn: surroundings.record) { children in
            let child = try await surroundings.startShell(children, Self.patient)
            let group = try await child.process.value()
            #expect(isAlive(group))
            return group
        }
        #expect(await goesAway(group))
    }

    @Test("end when the body throws")
    func endWithError() async throws {
        let surroundings = try Surroundings()
        defer { surroundings.remove() }
        let seen = Promise<pid_t>()
        await #expect(throws: DemoError.self) {
            try await ChildProcesses.supervised(recordingIn: surroundings.record) { children in
                seen.fulfil(try await surroundings.startShell(children, Self.patient).process.value())
                throw DemoError(.unreadable, "the body gives up")
            }
        }
        #expect(await goesAway(try await seen.value()))
    }

    @Test("end when the task is cancelled")
    func endWithCancellation() async throws {
        let surroundings = try Surroundings()
        defer { surroundings.remove() }
        let seen = Promise<pid_t>()
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                try? await ChildProcesses.supervised(recordingIn: surroundings.record) { children in
                    seen.fulfil(try await surroundings.startShell(children, Self.patient).process.value())
                    _ = try await Promise<Void>().value()
                }
            }
            _ = try? await seen.value()
            group.cancelAll()
        }
        #expect(await goesAway(try await seen.value()))
    }

    @Test("end the body when one of them ends that nobody asked to, and the error shows its log")
    func unexpectedEnd() async throws {
        let surroundings = try Surroundings()
        defer { surroundings.remove() }
        let error = await #expect(throws: DemoError.self) {
            try await ChildProcesses.supervised(recordingIn: surroundings.record) { children in
                _ = try await surroundings.startShell(children, "echo out of order; exit 3")
                _ = try await Promise<Void>().value()
            }
        }
        #expect(error?.code == .childEnded)
        #expect(error?.logTail == ["out of order"])
        #expect(error?.message.contains("exited(3)") == true)
    }

    @Test("may be stopped one by one, without ending the others")
    func stopOne() async throws {
        let surroundings = try Surroundings()
        defer { surroundings.remove() }
        try await ChildProcesses.supervised(recordingIn: surroundings.record) { children in
            let first = try await surroundings.startShell(children, Self.patient)
            let second = try await surroundings.startShell(children, Self.patient)
            try await first.stop()
            #expect(first.ended.current != nil)
            #expect(isAlive(try await second.process.value()))
        }
    }

    @Test("are killed when they ignore the request to end")
    func stubborn() async throws {
        let surroundings = try Surroundings()
        defer { surroundings.remove() }
        try await ChildProcesses.supervised(recordingIn: surroundings.record) { children in
            let child = try await surroundings.startShell(
                children,
                "trap '' TERM; sleep 300 & echo started; wait; sleep 300"
            )
            try await child.stop(grace: .milliseconds(200))
            #expect(child.ended.current != nil)
            #expect(await goesAway(try await child.process.value()))
        }
    }

    @Test("take along what they started, even if that ignores the request to end")
    func stubbornGrandchild() async throws {
        let surroundings = try Surroundings()
        defer { surroundings.remove() }
        let group = try await ChildProcesses.supervised(recordingIn: surroundings.record) { children in
            let child = try await surroundings.startShell(children, "(trap '' TERM; sleep 300; sleep 300) & wait")
            return try await child.process.value()
        }
        #expect(await goesAway(group))
    }

    @Test("that a killed run left behind are ended by the next one; strangers with a recorded number are not")
    func leftovers() async throws {
        let surroundings = try Surroundings()
        defer { surroundings.remove() }
        surroundings.record.add(ProcessInfo.processInfo.processIdentifier)
        try await ChildProcesses.supervised(recordingIn: surroundings.record) { children in
            let child = try await surroundings.startShell(children, Self.patient)
            // As in a run whose end was asked for elsewhere.
            child.expectEnd()
            #expect(surroundings.record.endLeftovers() == 1)
            _ = try await child.ended.value()
        }
    }
}
