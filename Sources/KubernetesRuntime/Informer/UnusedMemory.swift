#if canImport(Glibc)
    import Glibc
#endif

/// Memory that was freed and that the allocator still holds.
enum UnusedMemory {
    /// Gives it back to the system where the C library can (`malloc_trim` of glibc).
    ///
    /// Filling a copy of a large resource frees more than it keeps; without this, the process stays as large as it was
    /// at its peak.
    static func giveBack() {
        #if canImport(Glibc)
            // Swift's module of glibc leaves out malloc.h.
            guard let symbol = dlsym(nil, "malloc_trim") else { return }
            _ = unsafeBitCast(symbol, to: (@convention(c) (Int) -> CInt).self)(0)
        #endif
    }
}
