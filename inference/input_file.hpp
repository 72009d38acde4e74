// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
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
	/// Changes with the file, and with what is in it, as far as the system tells; empty: it cannot be read.
	const std::string &identity() const { return identity_; }
	/// In bytes. Throws Error, in words, as all below: there is no such file, it is no ordinary file, or may not be read.
	uintmax_t size() const;
	/// Reads so many bytes from there on, or fewer where the file ends; says how many.
	size_t read(uintmax_t position, void *bytes, size_t count) const;
	/// The whole file; throws if that is more than `most` bytes.
	std::string read_all(uintmax_t most) const;
	/// All of it, in memory as far as it is looked at: one that claims much takes none for it.
	std::shared_ptr<const std::string_view> map() const;

private:
	void open();
	/// What the system knows it by. Throws Error.
	intptr_t opened() const;

	std::filesystem::path path_;
	std::shared_ptr<const intptr_t> opened_; // null: it cannot be read
	std::string problem_;                    // why
	std::string identity_;
};

} // namespace matting
