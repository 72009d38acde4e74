// SPDX-License-Identifier: GPL-2.0-or-later
#include "variable.hpp"

#include "inference/wire/home_folder.hpp"

#include <filesystem>

#include <gtest/gtest.h>
#include <unistd.h>

namespace matting {
namespace {

std::string said_at(const std::string &home, const std::string &words)
{
	const Variable variable("HOME", home);
	return without_home(words);
}

TEST(HomeFolder, IsNotNamed)
{
	EXPECT_EQ(said_at("/nowhere/ada", "cannot read /nowhere/ada/a.pth: /nowhere/ada is full"),
		  "cannot read ~/a.pth: ~ is full");
	EXPECT_EQ(said_at("/nowhere/ada/", "/nowhere/ada/a.pth"), "~/a.pth");
}

// OBS's plugins are found where they are, and not by the link.
TEST(HomeFolder, IsNotNamedWhereItsLinkLeads)
{
	const auto disk = std::filesystem::temp_directory_path() / ("matting-home-test-" + std::to_string(getpid()));
	std::filesystem::create_directories(disk / "ada");
	std::filesystem::create_symlink(disk / "ada", disk / "home");
	const std::string home = disk / "home", real = std::filesystem::canonical(disk / "ada");
	EXPECT_EQ(said_at(home, home + "/a.pth and " + real + "/engine"), "~/a.pth and ~/engine");
	std::filesystem::remove_all(disk);
}

TEST(HomeFolder, IsNoPartOfAnotherName)
{
	for (const char *words : {"/nowhere/adam/a.pth", "/nowhere/ada-2/a.pth", "/nowhere/adaéva"})
		EXPECT_EQ(said_at("/nowhere/ada", words), words);
	EXPECT_EQ(said_at("/nowhere/ada", "in /nowhere/ada: it is \"/nowhere/ada\""), "in ~: it is \"~\"");
}

// Plugin and engine must mean the same one.
TEST(HomeFolder, HasModelsWhereTheUserKeepsData)
{
	const Variable home("HOME", "/nowhere/ada"), data("XDG_DATA_HOME", "/elsewhere");
	EXPECT_EQ(user_models_folder(), "/elsewhere/background-matting/models");
	for (const char *none : {"", "relative"}) {
		const Variable no_data("XDG_DATA_HOME", none);
		EXPECT_EQ(user_models_folder(), "/nowhere/ada/.local/share/background-matting/models") << none;
		const Variable no_home("HOME", "");
		EXPECT_EQ(user_models_folder(), "") << "and not one in the current folder";
	}
}

TEST(HomeFolder, IsNothingThatCouldBeAnywhere)
{
	for (const char *home : {"", "/", "~", "."})
		EXPECT_EQ(said_at(home, "~/a.pth, /b.pth"), "~/a.pth, /b.pth") << home;
}

} // namespace
} // namespace matting
