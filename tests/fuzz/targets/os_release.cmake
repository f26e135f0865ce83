daicho_fuzz(os_release SOURCES ${CMAKE_CURRENT_LIST_DIR}/../os_release_fuzz.cc DEPS daicho_sources)
