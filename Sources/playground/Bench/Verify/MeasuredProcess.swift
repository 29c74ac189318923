import Foundation

/// A program that is run to its end and measured as a whole: loading, starting, working, ending.
struct MeasuredProcess: Sendable {
    let executable: String
    let arguments: [String]
    /// The complete environment.
    let environment: [String: String]

    /// What one run took.
    struct Usage: Sendable {
        /// From before the process is made until its end is known.
        var wall: Duration
        /// In user mode and in the kernel, all threads.
        var cpu: Duration
    }

    /// Runs it; the calling thread waits.
    ///
    /// - Throws: ``DemoError`` when it cannot be started or does not exit with status 0.
    func run() throws -> Usage {
        let start = ContinuousClock.now
        let process = try spawn()
        var status: Int32 = 0
        var usage = rusage()
        while wait4(process, &status, 0, &usage) < 0 {
            guard errno == EINTR else { throw failure("was lost: \(String(cString: strerror(errno)))") }
        }
        let wall = ContinuousClock.now - start
        try check(status)
        return Usage(wall: wall, cpu: Self.duration(usage.ru_utime) + Self.duration(usage.ru_stime))
    }

    /// Runs it and returns the most memory it had resident, in bytes; `nil` where there is no `/proc`.
    ///
    /// `wait4` would give the maximum since before `exec`, in which the memory of this program counts. So the kernel's
    /// high-water mark of the process is read over and over until it ends, in a run of its own because that disturbs.
    func peakMemory() throws -> Int? {
        let process = try spawn()
        var peak: Int?
        var status: Int32 = 0
        while true {
            let ended = waitpid(process, &status, WNOHANG)
            if ended == process { break }
            guard ended == 0 || errno == EINTR else {
                throw failure("was lost: \(String(cString: strerror(errno)))")
            }
            if let mark = ProcessFigures.memory("VmHWM", of: process) { peak = mark }
        }
        try check(status)
        return peak
    }

    // MARK: - Spawning

    private func spawn() throws -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        for (descriptor, mode) in [(STDIN_FILENO, O_RDONLY), (STDOUT_FILENO, O_WRONLY), (STDERR_FILENO, O_WRONLY)] {
            posix_spawn_file_actions_addopen(&actions, descriptor, "/dev/null", mode, 0)
        }
        var words = ([executable] + arguments).map { strdup($0) } + [nil]
        var variables = environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { for word in words + variables { free(word) } }
        var process: pid_t = 0
        let code = posix_spawn(&process, executable, &actions, nil, &words, &variables)
        guard code == 0 else { throw failure("could not be started: \(String(cString: strerror(code)))") }
        return process
    }

    private func check(_ status: Int32) throws {
        guard status == 0 else {
            let how = status & 0x7f == 0 ? "with status \((status >> 8) & 0xff)" : "by signal \(status & 0x7f)"
            throw failure("ended \(how) while it was measured")
        }
    }

    private func failure(_ what: String) -> DemoError {
        DemoError(.toolFailed, "\(executable) \(arguments.prefix(2).joined(separator: " ")) … \(what).")
    }

    private static func duration(_ time: timeval) -> Duration {
        .seconds(Int(time.tv_sec)) + .microseconds(Int(time.tv_usec))
    }
}
