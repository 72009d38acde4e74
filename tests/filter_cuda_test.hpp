// SPDX-License-Identifier: GPL-2.0-or-later
// Frames in a graphics card's memory: the whole way, with a stand-in for driver and device; see cuda_stand_in/driver.hpp.
#pragma once

#include "cuda_stand_in/driver.hpp"
#include "filter_test.hpp"

#include <csignal>
#include <cstdlib>

#include <dlfcn.h>

namespace matting {

// Module, program and the stand-in beside them, where the plugin looks for them.
inline std::filesystem::path make_cuda_folder()
{
	const auto folder = std::filesystem::temp_directory_path() / ("matting-cuda-test-" + std::to_string(getpid()));
	std::filesystem::remove_all(folder);
	std::filesystem::create_directories(folder);
	for (const char *name : {"obs-background-matting.so", "background-matting"})
		std::filesystem::copy_file(std::filesystem::path(MODULE_FOLDER) / name, folder / name);
	std::filesystem::copy_file(STAND_IN_ENGINE_LIBRARY, folder / "libbackground-matting-cuda.so");
	return folder;
}

inline cuda_stand_in::Switches &stand_in()
{
	// By its name, so that the plugin gets the same.
	static void *driver = dlopen(STAND_IN_DRIVER, RTLD_NOW);
	return *static_cast<cuda_stand_in::Switches *>(dlsym(driver, "stand_in"));
}

/// Destroyed after OBS has shut down.
class NoMistakes {
protected:
	NoMistakes() { stand_in().mistakes = stand_in().copies = 0; } // also loads it, before OBS looks for a driver
	~NoMistakes()
	{
		EXPECT_EQ(stand_in().mistakes, 0);
		EXPECT_EQ(stand_in().allocations, 0);
		stand_in().is_held = false;
	}
};

class CudaFilter : NoMistakes, public Filter {
protected:
	CudaFilter() : CudaFilter(make_cuda_folder()) {}
	~CudaFilter() override { std::filesystem::remove_all(folder_); }

	void TearDown() override
	{
		unsetenv("STAND_IN_REFUSES_FRAMES");
		unsetenv("STAND_IN_IS_LOST");
		unsetenv("STAND_IN_FAULT");
		stand_in().start_result = stand_in().graphics_result = stand_in().copy_result = 0;
		stand_in().is_held = false;
	}

private:
	explicit CudaFilter(const std::filesystem::path &folder) : Filter(folder), folder_(folder) {}

	const std::filesystem::path folder_;
};

} // namespace matting
