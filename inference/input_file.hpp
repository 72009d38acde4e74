// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <type_traits>

namespace matting {

/// A file opened for reading, once: what is checked is what is read, and whoever may open nothing can still read it.
/// Copies share the opened file. Thread-safety: safe.
class InputFile {
public:
	/// None: nothing can be read.
	InputFile() = default;
	/// Opens it. What goes wrong is thrown when it is read, where there is somebody to tell.
	template<typename Path>
	requires std::is_convertible_v<Path, std::filesystem::path> InputFile(Path &&path)
		: path_(std::forward<Path>(path)) // a path is as good as a file
	{
		open();
	}

	const std::filesystem::path &path() const { return path_; }
	/// For functions that read by themselves; it stays this object's. Throws Error, in words: there is no such file, it
	/// is no ordinary file, or may not be read.
	int descriptor() const;
	/// In bytes. Throws Error, as all below.
	uintmax_t size() const;
	/// Reads so many bytes from there on, or fewer where the file ends; says how many.
	size_t read(uintmax_t position, void *bytes, size_t count) const;
	/// The whole file; throws if that is more than `most` bytes.
	std::string read_all(uintmax_t most) const;

private:
	void open();

	std::filesystem::path path_;
	std::shared_ptr<const int> descriptor_; // null: it cannot be read
	std::string problem_;                   // why
};

} // namespace matting
