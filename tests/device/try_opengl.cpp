// SPDX-License-Identifier: GPL-2.0-or-later
// The way of a frame between OpenGL's textures and CUDA's memory, without a window: out of a texture, into another, byte by
// byte the same; and what mapping costs the thread that draws.
#include "card.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <string>

#include <dlfcn.h>

namespace matting {
namespace {

constexpr int width = 1920, height = 1080, times = 300;
constexpr size_t row = size_t{4} * width;

// ---- EGL and OpenGL, as far as they are needed

void *egl_function(const char *name)
{
	static void *library = dlopen("libEGL.so.1", RTLD_NOW);
	if (!library)
		fail("there is no libEGL.so.1");
	static auto *find = reinterpret_cast<void *(*)(const char *)>(dlsym(library, "eglGetProcAddress"));
	void *function = dlsym(library, name);
	return function ? function : find(name);
}

template<typename Function> Function *egl(const char *name)
{
	auto *function = reinterpret_cast<Function *>(egl_function(name));
	if (!function)
		fail(std::string("there is no ") + name);
	return function;
}

constexpr int platform_device = 0x313F, opengl_api = 0x30A2, none = 0x3038;
constexpr unsigned texture_2d = 0x0DE1, rgba = 0x1908, rgba8 = 0x8058, bytes = 0x1401, renderer = 0x1F01;

bool make_current_on(void *device)
{
	void *display =
		egl<void *(int, void *, const int *)>("eglGetPlatformDisplayEXT")(platform_device, device, nullptr);
	int major, minor;
	if (!egl<unsigned(void *, int *, int *)>("eglInitialize")(display, &major, &minor))
		return false;
	egl<unsigned(unsigned)>("eglBindAPI")(opengl_api);
	const int attributes[] = {none};
	void *context = egl<void *(void *, void *, void *, const int *)>("eglCreateContext")(display, nullptr, nullptr,
											     attributes);
	return context &&
	       egl<unsigned(void *, void *, void *, void *)>("eglMakeCurrent")(display, nullptr, nullptr, context);
}

std::vector<void *> devices()
{
	std::array<void *, 16> found{};
	int count = 0;
	egl<unsigned(int, void **, int *)>("eglQueryDevicesEXT")(found.size(), found.data(), &count);
	return std::vector<void *>(found.begin(), found.begin() + count);
}

unsigned make_texture(const std::vector<uint8_t> &pixels)
{
	unsigned texture;
	egl<void(int, unsigned *)>("glGenTextures")(1, &texture);
	egl<void(unsigned, unsigned)>("glBindTexture")(texture_2d, texture);
	egl<void(unsigned, unsigned, int)>("glTexParameteri")(texture_2d, 0x2801, 0x2601); // no smaller ones
	egl<void(unsigned, int, int, int, int, int, unsigned, unsigned, const void *)>("glTexImage2D")(
		texture_2d, 0, rgba8, width, height, 0, rgba, bytes, pixels.data());
	egl<void()>("glFinish")();
	return texture;
}

// ---- The way

cuda::Resource registered(const Card &card, unsigned texture, unsigned flags)
{
	cuda::Resource resource;
	card.driver->check(card.driver->cuGraphicsGLRegisterImage(&resource, texture, texture_2d, flags),
			   "registering");
	return resource;
}

/// What the thread was kept, in milliseconds.
template<typename Copy> double with_mapped(const Card &card, cuda::Resource resource, const Copy &copy)
{
	using Clock = std::chrono::steady_clock;
	const CudaDriver &driver = *card.driver;
	const auto begin = Clock::now();
	driver.check(driver.cuGraphicsMapResources(1, &resource, card.stream.get()), "mapping");
	cuda::Array array;
	driver.check(driver.cuGraphicsSubResourceGetMappedArray(&array, resource, 0, 0), "asking for the array");
	copy(cuda::Place{.type = cuda::MemoryType::array, .array = array});
	driver.check(driver.cuGraphicsUnmapResources(1, &resource, card.stream.get()), "unmapping");
	return std::chrono::duration<double, std::milli>(Clock::now() - begin).count();
}

int device_that_draws(const CudaDriver &driver)
{
	unsigned count = 0;
	cuda::Device device = 0;
	driver.check(driver.cuGLGetDevices_v2(&count, &device, 1, cuda::all_gl_devices), "asking which card draws");
	for (int i = 0; i < 16; i++)
		if (cuda::Device candidate; driver.cuDeviceGet(&candidate, i) == cuda::success && candidate == device)
			return i;
	fail("the card that draws is none of CUDA's");
}

void run()
{
	const CudaDriver driver;
	int index = -1;
	for (void *device : devices()) {
		if (!make_current_on(device))
			continue;
		std::printf("%s\n", egl<const char *(unsigned)>("glGetString")(renderer));
		unsigned count = 0;
		cuda::Device drawing;
		if (driver.cuGLGetDevices_v2(&count, &drawing, 1, cuda::all_gl_devices) == cuda::success && count > 0) {
			index = device_that_draws(driver);
			break;
		}
	}
	if (index < 0)
		fail("no device of EGL is one of CUDA's");
	Card card(index);
	std::vector<uint8_t> pixels(row * height), back(row * height), empty(row * height);
	for (size_t i = 0; i < pixels.size(); i++)
		pixels[i] = static_cast<uint8_t>(i * 31 + i / row * 17);
	const unsigned from = make_texture(pixels), to = make_texture(empty);
	const cuda::Address memory = card.allocate(row * height);
	const cuda::Resource source = registered(card, from, cuda::read_only),
			     target = registered(card, to, cuda::write_discard);
	std::vector<double> milliseconds;
	for (int i = 0; i < times; i++) {
		milliseconds.push_back(with_mapped(card, source, [&](const cuda::Place &array) {
			card.copy(array, Card::at(memory, row), row, height);
		}));
		with_mapped(card, target,
			    [&](const cuda::Place &array) { card.copy(Card::at(memory, row), array, row, height); });
	}
	card.copy(Card::at(memory, row), Card::at(back.data(), row), row, height);
	egl<void(unsigned, unsigned)>("glBindTexture")(texture_2d, to);
	std::vector<uint8_t> drawn(row * height);
	egl<void(unsigned, int, unsigned, unsigned, void *)>("glGetTexImage")(texture_2d, 0, rgba, bytes, drawn.data());
	card.driver->cuGraphicsUnregisterResource(source);
	card.driver->cuGraphicsUnregisterResource(target);
	std::sort(milliseconds.begin(), milliseconds.end());
	std::printf("map, copy and unmap %dx%d: median %.3f ms, 99th of 100 %.3f ms of the drawing thread\n", width,
		    height, milliseconds[times / 2], milliseconds[times * 99 / 100]);
	if (drawn != pixels || back != pixels)
		fail("the bytes are not the same");
}

} // namespace
} // namespace matting

int main()
try {
	matting::run();
} catch (const std::exception &error) {
	matting::fail(error.what());
}
