// SPDX-License-Identifier: GPL-2.0-or-later
// What the engine gives up before it opens any file that it was given.
//
// Note [As little as it needs]
// Models and pictures come from anywhere, and what reads them has faults that nobody knows yet. Whoever takes over the engine
// through one of them finds: no network, no other program or process, no file to write but backgrounds, and none to read but
// what programs need to run, on the thread that reads models and pictures and runs the network; with a graphics card also shared
// memory that has a name, where its driver keeps events. Files that the user has chosen are opened for that thread by another
// one, which looks at none of them. That one may read all that the user may, and is in the same process: it is a hurdle, not a
// wall, for whoever runs code on the model's thread, since they share memory. Where the kernel lacks Landlock (Linux 5.13), files
// are not guarded; the log says so.
// Nor are they on Windows: Note [Less than that on Windows].
#pragma once

#include <filesystem>

namespace matting {

/// For this process and its threads, for good: no sockets, programs or processes, nothing of other processes, no core dumps,
/// limited memory (unless `is_on_card`: CUDA reserves address space by the terabyte), and, for this thread and those that it
/// starts, writing in the folder `backgrounds` only (empty: nowhere). To be called while there is one thread that matters.
/// Throws std::system_error.
void enter_sandbox(const std::filesystem::path &backgrounds, bool is_on_card);

/// Of Landlock, or 0: the kernel has none, or it is switched off; then files are not guarded.
int landlock_version();

/// The last of these, which `enter_sandbox` does, too. Says so on stderr where the kernel lacks what it needs.
void forbid_writing(const std::filesystem::path &backgrounds, bool is_on_card);

/// After that, for this thread and those that it starts: reading only there, and what libraries and the system's description
/// of itself need.
void forbid_reading(const std::filesystem::path &backgrounds, bool is_on_card);

} // namespace matting
