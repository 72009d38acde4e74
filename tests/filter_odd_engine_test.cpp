// SPDX-License-Identifier: GPL-2.0-or-later
// Programs that are no engine, and engines that somebody has taken over.
#include "filter_test.hpp"

#include "inference/wire/protocol.hpp"

#include <cstdlib>
#include <fstream>

namespace matting {
namespace {

using testing::HasSubstr;

// An engine of our own making, beside the module: a script.
std::filesystem::path folder_with_engine(const std::string &script)
{
	const auto folder = std::filesystem::temp_directory_path() / ("odd-engine-" + std::to_string(getpid()));
	std::filesystem::remove_all(folder);
	std::filesystem::create_directories(folder);
	std::filesystem::copy_file(MODULE_FOLDER "/obs-background-matting.so", folder / "obs-background-matting.so");
	std::ofstream(folder / "background-matting") << "#!/bin/sh\n" << script << '\n';
	std::filesystem::permissions(folder / "background-matting", std::filesystem::perms::owner_all);
	return folder;
}

class FilterWithABrokenEngine : public Filter {
protected:
	FilterWithABrokenEngine()
		: Filter(folder_with_engine("echo \"$0: error while loading shared libraries: libc10.so: cannot open "
					    "shared object file\" >&2; exit 127"))
	{
	}
};

TEST_F(FilterWithABrokenEngine, SaysItsLastWords)
{
	const OBSSource filter = add_difference_filter();
	EXPECT_TRUE(wait_until([&] { return status(filter).find("libc10.so") != std::string::npos; }))
		<< status(filter);
	EXPECT_THAT(status(filter), HasSubstr("(exit status 127): error while loading shared libraries: libc10.so"));
}

TEST_F(FilterWithABrokenEngine, SaysWhatIsShown)
{
	const OBSSource filter = add_difference_filter();
	EXPECT_TRUE(wait_until([&] {
		return status(filter).find("The room is shown: the engine is not running") != std::string::npos;
	})) << status(filter);
	update(filter, [](obs_data_t *settings) { obs_data_set_string(settings, "background", "/nowhere.png"); });
	EXPECT_TRUE(wait_until([&] { return status(filter).find("You are not shown") != std::string::npos; }))
		<< status(filter);
	EXPECT_TRUE(wait_until([&] { return is_empty(); }));
}

// What this program is when it is started in place of the engine: one that says hello again and again.
const bool is_engine = [] {
	if (!std::getenv("SAYS_HELLO_AGAIN"))
		return false;
	Message hello;
	hello.kind = MessageKind::hello;
	hello.set_text("an odd engine");
	const Channel channel(Channel::inherited());
	while (channel.answer(hello))
		;
	std::_Exit(EXIT_SUCCESS);
}();

class FilterWithAnEngineThatGreetsAgain : public Filter {
protected:
	FilterWithAnEngineThatGreetsAgain()
		: Filter(folder_with_engine("exec env SAYS_HELLO_AGAIN=1 " +
					    std::filesystem::read_symlink("/proc/self/exe").string()))
	{
	}
};

TEST_F(FilterWithAnEngineThatGreetsAgain, EndsIt)
{
	const OBSSource filter = add_difference_filter();
	EXPECT_TRUE(wait_until([&] { return status(filter).find("answered what nobody asked") != std::string::npos; }))
		<< status(filter);
}

class FilterWithATalkativeEngine : public Filter {
protected:
	FilterWithATalkativeEngine() : Filter(folder_with_engine("yes | head -c 1000000; kill -ILL $$")) {}
};

TEST_F(FilterWithATalkativeEngine, DoesNotWaitForAReaderAndNamesItsSignal)
{
	const OBSSource filter = add_difference_filter();
	EXPECT_TRUE(wait_until([&] {
		return status(filter).find("signal 4 (Illegal instruction)") != std::string::npos;
	})) << status(filter);
}

} // namespace
} // namespace matting
